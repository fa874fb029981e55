import type { ConditionPurpose } from '../operators/evaluate-operator.ts'

export interface ConditionResult {
  readonly holds: boolean
  /** The messages of the conditions that held, or of those that did not; '' if they have none. */
  readonly message: string
  /** Where Kyverno's answer may be another: it takes data for a pattern, or lets pass what cannot be compared. */
  readonly difference?: ConditionDifference
}

/** Why a careful comparison is answered otherwise than in Kyverno. */
export type ConditionDifference = 'pattern' | 'uncomparable'

/** The result of a run. A difference counts where the careful answer has come out. */
export function resultOf(
  result: ConditionResult,
  {
    difference,
    purpose,
  }: { readonly difference?: ConditionDifference | undefined; readonly purpose: ConditionPurpose },
): ConditionResult {
  return difference === undefined || result.holds === (purpose === 'allow') ? result : { ...result, difference }
}

/** The messages that say something, joined. */
export function joinMessages(messages: readonly string[], separator: string): string {
  return messages.filter((message) => message !== '').join(separator)
}
