import { allIn, allNotIn, anyIn, anyNotIn } from './any-all.ts'
import type { Operator } from './comparison.ts'
import { orderOfDurations } from './durations.ts'
import { equals, notEquals } from './equality.ts'
import { isIn, isNotIn } from './membership.ts'
import { orderOf, ordering } from './ordering.ts'

export interface NamedOperator {
  readonly compare: Operator
  /** Whether it holds if no match is found, which decides which answer to a doubtful match is safe. */
  readonly negated: boolean
}

const positive = (compare: Operator): NamedOperator => ({ compare, negated: false })
const negative = (compare: Operator): NamedOperator => ({ compare, negated: true })

/** By their names in the CRD. */
const OPERATORS: ReadonlyMap<string, NamedOperator> = new Map([
  ['Equal', positive(equals)],
  ['Equals', positive(equals)],
  ['NotEqual', negative(notEquals)],
  ['NotEquals', negative(notEquals)],
  ['In', positive(isIn)],
  ['NotIn', negative(isNotIn)],
  ['AnyIn', positive(anyIn)],
  ['AllIn', positive(allIn)],
  ['AnyNotIn', negative(anyNotIn)],
  ['AllNotIn', negative(allNotIn)],
  ['GreaterThan', positive(ordering(orderOf, (order) => order > 0))],
  ['GreaterThanOrEquals', positive(ordering(orderOf, (order) => order >= 0))],
  ['LessThan', positive(ordering(orderOf, (order) => order < 0))],
  ['LessThanOrEquals', positive(ordering(orderOf, (order) => order <= 0))],
  ['DurationGreaterThan', positive(ordering(orderOfDurations, (order) => order > 0))],
  ['DurationGreaterThanOrEquals', positive(ordering(orderOfDurations, (order) => order >= 0))],
  ['DurationLessThan', positive(ordering(orderOfDurations, (order) => order < 0))],
  ['DurationLessThanOrEquals', positive(ordering(orderOfDurations, (order) => order <= 0))],
])

/** Every operator, as the CRD spells it. */
export const OPERATOR_NAMES: readonly string[] = [...OPERATORS.keys()]

const IN_ANY_CASE: ReadonlyMap<string, string> = new Map(OPERATOR_NAMES.map((name) => [name.toLowerCase(), name]))
const SPELLING_MATTERS = /than/i
const NEVER_COMPARES: NamedOperator = positive(() => undefined)

/**
 * Finds an operator by name, in any case. Kyverno also finds the ordering operators in any case, but they compare
 * nothing unless the name matches exactly.
 */
export function findOperator(name: string): NamedOperator | undefined {
  const exact = OPERATORS.get(name)
  if (exact !== undefined) return exact
  const known = IN_ANY_CASE.get(name.toLowerCase())
  if (known === undefined) return undefined
  return SPELLING_MATTERS.test(known) ? NEVER_COMPARES : OPERATORS.get(known)
}
