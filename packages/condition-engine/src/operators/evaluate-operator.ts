import { aBoolean, type Json, oneOf, type OptionKind, type OptionTable } from '@verify-images/primitives'
import { checkOptions, typeName } from '../check-arguments.ts'
import { ConditionError } from '../condition-error.ts'
import { literalValue, type GoValue } from '../values/go-value.ts'
import type { PatternSides } from './comparison.ts'
import { findOperator, type NamedOperator } from './operators.ts'

/** `strict`, the default, is never laxer than Kyverno; `kyverno` is Kyverno's behaviour, gaps included. */
export type ConditionCompatibility = 'strict' | 'kyverno'

/**
 * The consequence if the conditions hold, which decides which answer is the strict one.
 *
 * - `allow`, the default: something is accepted or exempted (attestation conditions, exceptions).
 * - `deny`: something is denied (`validate.deny`).
 * - `select`: a rule applies (preconditions).
 */
export type ConditionPurpose = 'allow' | 'deny' | 'select'

export interface OperatorOptions {
  readonly compatibility?: ConditionCompatibility | undefined
  readonly purpose?: ConditionPurpose | undefined
  /** Whether the key is a literal of the policy, so that its wildcards are intended. */
  readonly keyIsLiteral?: boolean | undefined
  /** Whether the value comes from variables. With a literal key, the value then is the data. */
  readonly valueIsData?: boolean | undefined
}

export const aCompatibility: OptionKind = oneOf('strict', 'kyverno')
/** An unknown purpose is an error, because the strict answer depends on it. */
export const aPurpose: OptionKind = oneOf('allow', 'deny', 'select')
const OPERATOR_OPTIONS: OptionTable<OperatorOptions> = {
  compatibility: aCompatibility,
  purpose: aPurpose,
  keyIsLiteral: aBoolean,
  valueIsData: aBoolean,
}
const EITHER_SIDE: PatternSides = { key: true, value: true }

/**
 * Evaluates `key operator value`, for a key and value without variables.
 *
 * By default, if a match relaxes the decision, wildcards count only on the side of the policy. With
 * `purpose: 'deny'`, values that cannot be compared (null, an unsupported type, a string that is not a number) hold.
 *
 * @throws ConditionError CONDITION_OPERATOR_UNKNOWN, CONDITION_OPTIONS_INVALID
 * @throws ConditionError CONDITION_VALUE_INVALID for `In` and `NotIn` with an array key of anything but strings
 * @see Kyverno, pkg/engine/variables/operator
 */
export function evaluateOperator(operator: string, key: Json, value: Json, options: OperatorOptions = {}): boolean {
  checkOptions(options, OPERATOR_OPTIONS)
  return applyOperator(requireOperator(operator), literalValue(key), literalValue(value), options)
}

/** @throws ConditionError CONDITION_OPERATOR_UNKNOWN */
export function requireOperator(name: string): NamedOperator {
  const operator = typeof name === 'string' ? findOperator(name) : undefined
  if (operator !== undefined) return operator
  // Kyverno's message, which must stay as it is, does not name the operator.
  const cause = new RangeError(
    typeof name === 'string'
      ? `unknown operator ${JSON.stringify(name.slice(0, 40))}`
      : `invalid operator: expected a string, got ${typeName(name)}`,
  )
  throw new ConditionError(
    'CONDITION_OPERATOR_UNKNOWN',
    'value',
    'failed to create handler for condition operator: %!w(<nil>)',
    { cause },
  )
}

/** {@link evaluateOperator} for a known operator and converted values. */
export function applyOperator(
  operator: NamedOperator,
  key: GoValue,
  value: GoValue,
  options: OperatorOptions,
): boolean {
  const holds = operator.compare(key, value, patternSides(operator, options))
  return holds ?? (options.compatibility !== 'kyverno' && options.purpose === 'deny')
}

/**
 * Kyverno matches wildcards on both sides, so data with `*` matches everything. Here data is a pattern only if the
 * match makes the decision stricter: if it keeps `NotIn` from allowing, or makes `In` deny.
 */
function patternSides(
  { negated }: NamedOperator,
  { compatibility, purpose = 'allow', keyIsLiteral = false, valueIsData = false }: OperatorOptions,
): PatternSides {
  const matchIsStricter = negated === (purpose === 'allow')
  if (compatibility === 'kyverno' || matchIsStricter) return EITHER_SIDE
  return { key: keyIsLiteral, value: !(keyIsLiteral && valueIsData) }
}
