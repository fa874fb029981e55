import type { ReasonCode } from './codes.ts'
import type { DifferenceRow } from './differences.ts'

/** Why something was not accepted, as data: `code` for programs, `message` for people. */
export interface Reason {
  readonly code: ReasonCode
  /** Our sentence. Nothing is decided from it. */
  readonly message: string
  /** Where in the entry of the rule, such as `attestors[0].entries[1]`. */
  readonly path?: string
  readonly image?: string
  /** Digest of the candidate (signature manifest, layer or bundle) that was checked. */
  readonly candidate?: string
  readonly expected?: string
  readonly actual?: string
  /** Set where Kyverno would have accepted: the row of docs/differences.md. */
  readonly difference?: DifferenceRow
}
