import type { ConditionPurpose } from '../operators/evaluate-operator.ts'

export interface ConditionResult {
  readonly holds: boolean
  /** The messages of the conditions that held, or of those that did not; '' if there are none. */
  readonly message: string
  /**
   * Set if Kyverno's answer may differ, because it treats data as a pattern or admits values that it cannot compare.
   */
  readonly difference?: ConditionDifference
}

/** Why a strict comparison may differ from Kyverno's. */
export type ConditionDifference = 'pattern' | 'uncomparable'

/** Returns the result of a run. A difference counts only if the strict answer decided. */
export function resultOf(
  result: ConditionResult,
  {
    difference,
    purpose,
  }: { readonly difference?: ConditionDifference | undefined; readonly purpose: ConditionPurpose },
): ConditionResult {
  return difference === undefined || result.holds === (purpose === 'allow') ? result : { ...result, difference }
}

/** Joins the messages that are not empty. */
export function joinMessages(messages: readonly string[], separator: string): string {
  return messages.filter((message) => message !== '').join(separator)
}
