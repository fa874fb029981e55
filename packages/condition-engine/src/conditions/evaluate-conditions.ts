import type { Json } from '@verify-images/primitives'
import { ConditionError } from '../condition-error.ts'
import type { ConditionPurpose, ConditionCompatibility } from '../operators/evaluate-operator.ts'
import type { QueryContext } from '../query-context.ts'
import { SubstitutionRun } from '../substitution/substitution-run.ts'
import { compileCondition, type CompiledCondition } from './compile-condition.ts'
import { resultOf, type ConditionResult } from './condition-result.ts'
import { decodeConditions, decodeConditionSets, type DecodedSet } from './decode-conditions.ts'
import { evaluateInTurn, evaluateSet, type CompiledSet } from './evaluate-set.ts'
import { findGap, findGapOfSets } from './find-gap.ts'

export interface ConditionOptions {
  readonly compatibility?: ConditionCompatibility | undefined
  readonly purpose?: ConditionPurpose | undefined
  /** The operation of the request. Default: `request.operation` of the context. `DELETE` reads the old object. */
  readonly operation?: string | undefined
}

/** Compiled conditions. They are stateless and can be evaluated in many contexts. */
export interface CompiledConditions {
  /**
   * Evaluates the conditions.
   *
   * @throws ConditionError CONDITION_INVALID by default for conditions that hold for anything and allow
   *   something; CONDITION_OPTIONS_INVALID, CONDITION_OPERATOR_UNKNOWN, CONDITION_VALUE_INVALID, and those of
   *   `substitute`; other errors of the context propagate
   */
  readonly evaluate: (context: QueryContext, options?: ConditionOptions) => ConditionResult
}

/**
 * Compiles preconditions or deny conditions: an any/all object, or the old array of conditions that must all hold.
 * Absent conditions hold.
 *
 * An unknown operator fails only when it is evaluated, as in Kyverno, where an earlier condition may decide first.
 *
 * @throws ConditionError CONDITION_INVALID
 * @see Kyverno, pkg/engine/variables: EvaluateConditions
 */
export function compileConditions(conditions: Json | undefined): CompiledConditions {
  const decoded = decodeConditions(conditions ?? null)
  const gap = findGap(conditions ?? null)
  if ('any' in decoded) {
    const set = compileSet(decoded)
    return compiled(gap, (run, purpose) => evaluateSet(set, run, purpose))
  }
  const list = decoded.map(compileCondition)
  return compiled(gap, (run, purpose) => evaluateInTurn(list, (condition) => evaluateOne(condition, run, purpose)))
}

/**
 * Compiles an array of any/all objects that must all hold.
 *
 * @throws ConditionError CONDITION_INVALID
 */
export function compileConditionSets(list: Json | undefined): CompiledConditions {
  const sets = decodeConditionSets(list ?? null).map(compileSet)
  return compiled(findGapOfSets(list ?? null), (run, purpose) =>
    evaluateInTurn(sets, (set) => evaluateSet(set, run, purpose)),
  )
}

/** Compiles conditions and evaluates them once. */
export function evaluateConditions(
  conditions: Json | undefined,
  context: QueryContext,
  options?: ConditionOptions,
): ConditionResult {
  return compileConditions(conditions).evaluate(context, options)
}

/** Compiles an array of any/all objects and evaluates it once. */
export function evaluateConditionSets(
  list: Json | undefined,
  context: QueryContext,
  options?: ConditionOptions,
): ConditionResult {
  return compileConditionSets(list).evaluate(context, options)
}

function compileSet({ any, all }: DecodedSet): CompiledSet {
  return { any: any?.map(compileCondition), all: (all ?? []).map(compileCondition) }
}

function evaluateOne(condition: CompiledCondition, run: SubstitutionRun, purpose: ConditionPurpose): ConditionResult {
  return { holds: condition.holds(run, purpose), message: condition.message }
}

function compiled(
  gap: string | undefined,
  evaluate: (run: SubstitutionRun, purpose: ConditionPurpose) => ConditionResult,
): CompiledConditions {
  return {
    evaluate: (context, options = {}) => {
      const run = new SubstitutionRun(context, options)
      const { purpose } = run
      if (gap !== undefined && purpose === 'allow' && run.compatibility !== 'kyverno')
        throw new ConditionError('CONDITION_INVALID', 'value', gap, { difference: 'empty' })
      return resultOf(evaluate(run, purpose), run)
    },
  }
}
