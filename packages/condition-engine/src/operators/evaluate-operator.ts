import { aBoolean, type Json, oneOf, type OptionKind, type OptionTable } from '@verify-images/primitives'
import { checkOptions } from '../check-arguments.ts'
import { ConditionError } from '../condition-error.ts'
import { literalValue, type GoValue } from '../values/go-value.ts'
import type { PatternSides } from './comparison.ts'
import { findOperator, type NamedOperator } from './operators.ts'

/** `strict`, the default, is never laxer than Kyverno and closes its gaps; `upstream` is Kyverno's own reading, gaps included. */
export type ConditionReading = 'strict' | 'upstream'

/**
 * What follows if the conditions hold. It tells which answer is the careful one.
 *
 * - `allow`, the default: something is accepted or exempted (attestation conditions, exceptions).
 * - `deny`: something is refused (`validate.deny`).
 * - `select`: a rule applies (preconditions).
 */
export type ConditionPurpose = 'allow' | 'deny' | 'select'

export interface OperatorOptions {
  readonly reading?: ConditionReading | undefined
  readonly purpose?: ConditionPurpose | undefined
  /** Whether the policy states the key itself, so that wildcards in it are the policy's. */
  readonly keyIsLiteral?: boolean | undefined
  /** Whether the value comes from variables. With a literal key it is then the value that is judged. */
  readonly valueIsData?: boolean | undefined
}

export const aReading: OptionKind = oneOf('strict', 'upstream')
/** No other word counts as one of them, because which answer is the careful one differs. */
export const aPurpose: OptionKind = oneOf('allow', 'deny', 'select')
const OPERATOR_OPTIONS: OptionTable<OperatorOptions> = {
  reading: aReading,
  purpose: aPurpose,
  keyIsLiteral: aBoolean,
  valueIsData: aBoolean,
}
const EITHER_SIDE: PatternSides = { key: true, value: true }

/**
 * Whether `key operator value` holds, for key and value without variables.
 *
 * In the strict reading wildcards work only on the side of the policy where a match would relax the decision, and with
 * `purpose: 'deny'` what cannot be compared (null, an unsupported type, a text that is no number) holds.
 *
 * @throws ConditionError CONDITION_OPERATOR_UNKNOWN, CONDITION_OPTIONS_INVALID
 * @throws ConditionError CONDITION_VALUE_INVALID for `In` and `NotIn` with a list key that holds anything but texts
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
  // Kyverno's text, which is compared as text, does not say which one.
  const cause = new RangeError(
    typeof name === 'string' ? `there is no operator ${JSON.stringify(name.slice(0, 40))}` : 'an operator is a text',
  )
  throw new ConditionError(
    'CONDITION_OPERATOR_UNKNOWN',
    'value',
    'failed to create handler for condition operator: %!w(<nil>)',
    { cause },
  )
}

/** {@link evaluateOperator} for an operator and values that are already there. */
export function applyOperator(
  operator: NamedOperator,
  key: GoValue,
  value: GoValue,
  options: OperatorOptions,
): boolean {
  const holds = operator.compare(key, value, patternSides(operator, options))
  return holds ?? (options.reading !== 'upstream' && options.purpose === 'deny')
}

/**
 * Kyverno matches wildcards of both sides. Data that holds `*` then matches everything, so data is a pattern only where
 * the match makes the decision stricter: where it keeps `NotIn` from allowing, or makes `In` deny.
 */
function patternSides(
  { negated }: NamedOperator,
  { reading, purpose = 'allow', keyIsLiteral = false, valueIsData = false }: OperatorOptions,
): PatternSides {
  const matchIsStricter = negated === (purpose === 'allow')
  if (reading === 'upstream' || matchIsStricter) return EITHER_SIDE
  return { key: keyIsLiteral, value: !(keyIsLiteral && valueIsData) }
}
