import { applyOperator, type ConditionPurpose, type OperatorOptions } from '../operators/evaluate-operator.ts'
import type { NamedOperator } from '../operators/operators.ts'
import type { SubstitutionRun } from '../substitution/substitution-run.ts'
import type { GoValue } from '../values/go-value.ts'

export type ValueOrigin = Pick<OperatorOptions, 'keyIsLiteral' | 'valueIsData'>

/** Whether `key operator value` holds. Records in the run where the strict answer differs from Kyverno's. */
export function askOperator(
  run: SubstitutionRun,
  purpose: ConditionPurpose,
  operator: NamedOperator,
  key: GoValue,
  value: GoValue,
  origin: ValueOrigin,
): boolean {
  const holds = applyOperator(operator, key, value, { ...origin, reading: run.reading, purpose })
  const isCareful = holds !== (purpose === 'allow')
  if (
    run.reading === 'strict' &&
    isCareful &&
    applyOperator(operator, key, value, { ...origin, reading: 'upstream', purpose }) !== holds
  ) {
    run.difference = operator.compare(key, value, { key: true, value: true }) === undefined ? 'uncomparable' : 'pattern'
  }
  return holds
}
