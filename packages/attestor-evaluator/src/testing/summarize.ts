import { type Failure, type Outcome, type Reason, reasonsOf } from '@verify-images/primitives'

/** An outcome with what tests look at: all reasons in one list, and steps and facts as one line. */
export type Summary<Accepted> =
  | ({ readonly kind: 'accepted' } & Accepted)
  | {
      readonly kind: 'rejected' | 'inconclusive'
      readonly failure: Failure
      readonly reasons: readonly Reason[]
      /** `step(fact, step(fact))`, with kinds for steps and facts, and our message where there is no fact. */
      readonly summary: string
    }

export function summarize<Accepted>(outcome: Outcome<Accepted>): Summary<Accepted> {
  if (outcome.kind === 'accepted') return outcome
  const { kind, failure } = outcome
  return { kind, failure, reasons: reasonsOf(failure), summary: summaryOf(failure) }
}

function summaryOf(failure: Failure): string {
  if (failure.kind === 'reason') {
    const { detail, reason } = failure
    return detail === undefined ? reason.message : short(detail.kind)
  }
  return `${short(failure.step.kind)}(${failure.failures.map(summaryOf).join(', ')})`
}

function short(kind: string): string {
  return kind.replace(/^attestor-/, '')
}
