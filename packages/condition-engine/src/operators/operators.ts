import { allIn, allNotIn, anyIn, anyNotIn } from './any-all.ts'
import type { Operator } from './comparison.ts'
import { orderOfDurations } from './duration-ordering.ts'
import { equals, notEquals } from './equality.ts'
import { isIn, isNotIn } from './membership.ts'
import { orderOf, ordering } from './ordering.ts'

export interface NamedOperator {
  readonly compare: Operator
  /** Whether it holds where a match is *not* found; it decides which way a doubtful match is safe. */
  readonly negated: boolean
}

const positive = (compare: Operator): NamedOperator => ({ compare, negated: false })
const negative = (compare: Operator): NamedOperator => ({ compare, negated: true })

/** By the exact names, as the CRD spells them. */
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

const IN_ANY_CASE: ReadonlyMap<string, string> = new Map(
  [...OPERATORS.keys()].map((name) => [name.toLowerCase(), name]),
)
const SPELLING_MATTERS = /than/i
const NEVER_COMPARES: NamedOperator = positive(() => undefined)

/**
 * The operator of that name in any case; `undefined` if there is none. Kyverno finds the ordering operators in any case,
 * too, but then compares nothing unless the name is spelled exactly.
 */
export function findOperator(name: string): NamedOperator | undefined {
  const exact = OPERATORS.get(name)
  if (exact !== undefined) return exact
  const known = IN_ANY_CASE.get(name.toLowerCase())
  if (known === undefined) return undefined
  return SPELLING_MATTERS.test(known) ? NEVER_COMPARES : OPERATORS.get(known)
}
