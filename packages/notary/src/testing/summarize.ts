import { type Failure, reasonsOf } from '@verify-images/primitives'
import type { Outcome, Reason } from '@verify-images/attestor-evaluator'

/** An outcome with what tests look at. `upstreamText` and `networkFault` are transitional. */
export type Summary<Accepted> =
  | ({ readonly kind: 'accepted' } & Accepted)
  | {
      readonly kind: 'rejected' | 'inconclusive'
      readonly failure: Failure
      readonly reasons: readonly [Reason, ...Reason[]]
      readonly upstreamText: string
      readonly networkFault: boolean
    }

export function summarize<Accepted>(outcome: Outcome<Accepted>): Summary<Accepted> {
  if (outcome.kind === 'accepted') return outcome
  const { failure, kind } = outcome
  return {
    kind,
    failure,
    reasons: reasonsOf(failure),
    upstreamText: textOf(failure),
    networkFault: isNetwork(failure),
  }
}

function textOf(failure: Failure): string {
  if (failure.kind === 'reason') return failure.detail?.kind === 'text' ? failure.detail.text : failure.reason.message
  return failure.step.kind === 'text' ? failure.step.text : failure.failures.map(textOf).join('; ')
}

function isNetwork(failure: Failure): boolean {
  if (failure.kind === 'reason') return failure.detail?.kind === 'text' && failure.detail.isNetwork === true
  return !(failure.step.kind === 'text' && failure.step.hidesNetwork === true) && failure.failures.some(isNetwork)
}
