import type { Outcome, Reason } from '@verify-images/attestor-evaluator'
import { reasonsOf } from '@verify-images/primitives'
import type { Refusal } from '@verify-images/primitives'

/** An outcome with its reasons. */
export type Summary<Accepted> =
  ({ readonly kind: 'accepted' } & Accepted) | (Refusal & { readonly reasons: readonly [Reason, ...Reason[]] })

export function summarize<Accepted>(outcome: Outcome<Accepted>): Summary<Accepted>
export function summarize<Accepted, Other>(outcome: Outcome<Accepted> | Other): Summary<Accepted> | Other
export function summarize(outcome: Outcome<object> | object): unknown {
  return 'failure' in outcome ? { ...outcome, reasons: reasonsOf(outcome.failure) } : outcome
}
