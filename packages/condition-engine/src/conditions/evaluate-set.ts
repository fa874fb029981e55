import type { ConditionPurpose } from '../operators/evaluate-operator.ts'
import type { SubstitutionRun } from '../substitution/substitution-run.ts'
import type { CompiledCondition } from './compile-condition.ts'
import { joinMessages, type ConditionResult } from './condition-result.ts'

export interface CompiledSet {
  readonly any: readonly CompiledCondition[] | undefined
  readonly all: readonly CompiledCondition[]
}

/**
 * Whether one of `any` holds, unless there is no `any`, and each of `all`. An empty `any` never holds.
 *
 * `any` stops at the first that holds, `all` at the first that does not; `all` is asked even where `any` has failed,
 * so that its errors are seen.
 *
 * @see Kyverno, pkg/engine/variables: evaluateAnyAllConditions
 */
export function evaluateSet(
  { any, all }: CompiledSet,
  run: SubstitutionRun,
  purpose: ConditionPurpose,
): ConditionResult {
  const held: string[] = []
  const failed: string[] = []
  const ask = (condition: CompiledCondition): boolean => {
    const holds = condition.holds(run, purpose)
    if (holds) held.push(condition.message)
    else failed.push(condition.message)
    return holds
  }
  const anyHolds = any === undefined || any.some(ask)
  const allHold = all.every(ask)
  const holds = anyHolds && allHold
  return { holds, message: joinMessages(holds ? held : failed, '; ') }
}

/** Whether each of a list holds; the first that does not ends it with its message. */
export function evaluateInTurn<T>(
  list: readonly T[],
  evaluate: (item: T, index: number) => ConditionResult,
): ConditionResult {
  const held: string[] = []
  for (const [index, item] of list.entries()) {
    const result = evaluate(item, index)
    if (!result.holds) return result
    held.push(result.message)
  }
  return { holds: true, message: joinMessages(held, ';') }
}
