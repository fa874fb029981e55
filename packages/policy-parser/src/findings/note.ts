import type { PolicyFinding, PolicyFindingCode } from '../model.ts'

/** Takes down one finding. */
export type Note = (severity: PolicyFinding['severity'], code: PolicyFindingCode, path: string, message: string) => void
