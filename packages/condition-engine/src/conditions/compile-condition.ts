import type { Json } from '@verify-images/primitives'
import { ConditionError } from '../condition-error.ts'
import {
  applyOperator,
  requireOperator,
  type ConditionPurpose,
  type OperatorOptions,
} from '../operators/evaluate-operator.ts'
import { findOperator, type NamedOperator } from '../operators/operators.ts'
import { holdsVariables, isTemplate, substituteValue } from '../substitution/substitute.ts'
import type { SubstitutionRun } from '../substitution/substitution-run.ts'
import { literalValue, type GoValue } from '../values/go-value.ts'
import type { DecodedCondition } from './decode-conditions.ts'

/** A compiled condition; its literals are converted once. */
export interface CompiledCondition {
  readonly message: string
  /** @throws ConditionError if key or value cannot be substituted, or the operator is unknown */
  readonly holds: (run: SubstitutionRun, purpose: ConditionPurpose) => boolean
}

interface Side {
  readonly literal: GoValue
  readonly isTemplate: boolean
  readonly holdsVariables: boolean
}

export function compileCondition({ key, operator, value, message }: DecodedCondition): CompiledCondition {
  const keySide = compileSide(key)
  const valueSide = compileSide(value)
  const known = findOperator(operator)
  const origin = {
    keyIsLiteral: !keySide.holdsVariables,
    valueIsData: valueSide.holdsVariables,
    written: { key, operator },
  }
  return {
    message,
    holds: (run, purpose) => {
      const left = fillIn(keySide, 'key', run)
      const right = fillIn(valueSide, 'value', run)
      return holdsInRun(run, purpose, known ?? requireOperator(operator), left, right, origin)
    },
  }
}

function compileSide(document: Json): Side {
  const literal = literalValue(document)
  return { literal, isTemplate: isTemplate(literal), holdsVariables: holdsVariables(literal) }
}

function fillIn({ literal, isTemplate: template }: Side, name: 'key' | 'value', run: SubstitutionRun): GoValue {
  if (!template) return literal
  try {
    return substituteValue(literal, run)
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    throw new ConditionError(
      error.code,
      error.kind,
      `failed to substitute variables in condition ${name}: ${error.message}`,
      { cause: error },
    )
  }
}

export interface ValueOrigin extends Pick<OperatorOptions, 'keyIsLiteral' | 'valueIsData'> {
  /** The condition of the policy. */
  readonly written: Pick<DecodedCondition, 'key' | 'operator'>
}

/** Returns whether `key operator value` holds. Records in the run where the strict answer differs from Kyverno's. */
export function holdsInRun(
  run: SubstitutionRun,
  purpose: ConditionPurpose,
  operator: NamedOperator,
  key: GoValue,
  value: GoValue,
  { written, ...origin }: ValueOrigin,
): boolean {
  const holds = applyOperator(operator, key, value, { ...origin, compatibility: run.compatibility, purpose })
  const isCareful = holds !== (purpose === 'allow')
  if (
    run.compatibility === 'strict' &&
    isCareful &&
    applyOperator(operator, key, value, { ...origin, compatibility: 'kyverno', purpose }) !== holds
  ) {
    run.difference = operator.compare(key, value, { key: true, value: true }) === undefined ? 'uncomparable' : 'pattern'
  }
  if (holds === (purpose === 'deny')) run.decisive = { key: written.key, operator: written.operator, value, found: key }
  return holds
}
