import type { ConditionPurpose } from '../operators/evaluate-operator.ts'
import type { SubstitutionRun } from '../substitution/substitution-run.ts'
import type { CompiledCondition } from './compile-condition.ts'
import { joinMessages, type ConditionResult } from './condition-result.ts'

export interface CompiledSet {
  readonly any: readonly CompiledCondition[] | undefined
  readonly all: readonly CompiledCondition[]
}

/**
 * Returns whether at least one condition of `any` holds, if it is given, and every condition of `all`. An empty `any`
 * never holds.
 *
 * `any` stops at the first that holds, `all` at the first that does not. `all` is evaluated even if `any` has failed,
 * so that its errors show.
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

/** Returns whether all conditions hold. Stops at the first that does not, with its message. */
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
