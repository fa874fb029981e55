import type { AttestorCode } from '@verify-images/primitives'

/** Something about an entry that is known before any image. */
export interface AttestorFinding {
  /** `problem`: the entry never passes. `warning`: it works, but perhaps not as intended. */
  readonly severity: 'problem' | 'warning'
  readonly code: AttestorCode
  readonly path: string
  readonly message: string
}

/** Takes one finding. */
export type Report = (severity: AttestorFinding['severity'], code: AttestorCode, path: string, message: string) => void

/** Returns whether a value is a string without variables. */
export function isLiteral(text: string | undefined): text is string {
  return text !== undefined && text !== '' && !text.includes('{{') && !text.includes('$(')
}
