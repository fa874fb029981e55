import { registryCodes, type ReasonCode } from '@verify-images/primitives'

/** What a caught value says; anything may be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A fault of a source, as data: told apart by its fields, never by its class. */
export interface SourceFaultReading {
  readonly code: ReasonCode
  /** Upstream's words, where the fault has them. */
  readonly text: string
  readonly networkFault: boolean
}

/** @param otherwise the code of what has none */
export function readFault(error: unknown, otherwise: ReasonCode): SourceFaultReading {
  const {
    code: given,
    upstreamText = messageOf(error),
    networkFault = false,
  } = (error ?? {}) as { code?: unknown; upstreamText?: string; networkFault?: boolean }
  const code = registryCodes.find((known) => known === given) ?? otherwise
  return { code, text: upstreamText, networkFault }
}
