import type { Json } from '@verify-images/primitives'
import { ConditionError } from '../condition-error.ts'
import { requireOperator } from '../operators/evaluate-operator.ts'
import type { QueryContext } from '../query-context.ts'
import { holdsVariables, substitute } from '../substitution/substitute.ts'
import { SubstitutionRun } from '../substitution/substitution-run.ts'
import { literalValue } from '../values/go-value.ts'
import { compileCondition, holdsInRun, type CompiledCondition } from './compile-condition.ts'
import { resultOf, type ConditionResult } from './condition-result.ts'
import { decodeConditionSets, type DecodedCondition, type DecodedSet } from './decode-conditions.ts'
import type { ConditionOptions } from './evaluate-conditions.ts'
import { evaluateInTurn, evaluateSet, type CompiledSet } from './evaluate-set.ts'
import { findGapOfSets } from './find-gap.ts'

/**
 * Evaluates `attestations[].conditions`, an array of any/all objects, in a context with the members of the predicate.
 *
 * Kyverno substitutes the whole array first, messages included, so every variable in it must resolve. It then evaluates
 * the result as new conditions, so that an attested string with `{{ … }}` is evaluated. By default attested
 * data is never evaluated, and conditions that require nothing (`[]`, `[{}]`, an empty `any`) are an error.
 *
 * @throws ConditionError as `evaluateConditions`, with Kyverno's text for variables that do not resolve
 * @see Kyverno, pkg/imageverification: attestation conditions
 */
export function evaluateAttestationConditions(
  list: Json | undefined,
  context: QueryContext,
  options: ConditionOptions = {},
): ConditionResult {
  const run = new SubstitutionRun(context, options)
  const { purpose } = run
  const written = decodeConditionSets(list ?? null)
  const filled = decodeConditionSets(fillIn(list ?? null, context, options))
  if (run.compatibility === 'kyverno') {
    return evaluateInTurn(filled, ({ any, all }) =>
      evaluateSet(
        { any: withoutEmpty(any)?.map(compileCondition), all: (all ?? []).map(compileCondition) },
        run,
        purpose,
      ),
    )
  }
  const gap =
    findGapOfSets(list ?? null) ??
    (written.some(({ any }) => any?.length === 0)
      ? 'expected at least one condition in `any`, got an empty array, which never holds'
      : undefined)
  if (gap !== undefined) throw new ConditionError('CONDITION_INVALID', 'value', gap, { difference: 'empty' })
  if (written.some(holdsEscapes))
    throw new ConditionError(
      'CONDITION_INVALID',
      'value',
      'expected no escaped variables: Kyverno would evaluate them in its second substitution; remove the backslash',
      { difference: 'escape' },
    )
  return resultOf(
    evaluateInTurn(written, (set, index) => evaluateSet(asFilledIn(set, filled[index]), run, purpose)),
    run,
  )
}

/** Kyverno substitutes these conditions twice, so escaped variables are evaluated in the end. */
function holdsEscapes({ any = [], all = [] }: DecodedSet): boolean {
  return [...any, ...all].some(({ key, value }) => /\\\\(?:\{\{|\$\()/.test(JSON.stringify([key, value])))
}

function fillIn(list: Json, context: QueryContext, options: ConditionOptions): Json {
  try {
    return substitute(list, context, options)
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    const message = `failed to substitute variables in attestation conditions: ${error.message}`
    throw new ConditionError(error.code, error.kind, message, { cause: error })
  }
}

/** Kyverno encodes the array as JSON in between, which drops empty members. */
function withoutEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list?.length === 0 ? undefined : list
}

/** Combines the substituted values, which are final, with the rest of the policy's conditions. */
function asFilledIn(written: DecodedSet, filled: DecodedSet | undefined): CompiledSet {
  return { any: written.any && pair(written.any, filled?.any), all: pair(written.all ?? [], filled?.all) }
}

function pair(
  written: readonly DecodedCondition[],
  filled: readonly DecodedCondition[] = [],
): readonly CompiledCondition[] {
  return written.map((condition, index) => finalCondition(condition, filled[index]))
}

function finalCondition(written: DecodedCondition, filled: DecodedCondition | undefined): CompiledCondition {
  if (filled === undefined) throw new ConditionError('CONDITION_INVALID', 'type', 'failed to unmarshal Conditions')
  const origin = {
    keyIsLiteral: !holdsVariables(written.key),
    valueIsData: holdsVariables(written.value),
    written,
  }
  const key = literalValue(filled.key)
  const value = literalValue(filled.value)
  return {
    message: filled.message,
    holds: (run, purpose) => holdsInRun(run, purpose, requireOperator(written.operator), key, value, origin),
  }
}
