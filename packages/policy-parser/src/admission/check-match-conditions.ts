import { itemsOf, textOf, valueAt } from '../json-value.ts'
import { celFault } from './cel-syntax.ts'
import type { Check } from './policy-view.ts'

/** CEL conditions of the webhook: their syntax. Types are not checked, and the conditions are never evaluated. */
export const checkMatchConditions: Check = ({ spec }, report, { withoutCluster }) => {
  const conditions = itemsOf(valueAt(spec, 'webhookConfiguration', 'matchConditions'))
  const path = ['spec', 'webhookConfiguration', 'matchConditions']
  if (withoutCluster === true && conditions.length > 0)
    report('POLICY_FIELD_INVALID', path, 'cannot be checked without a cluster')
  conditions.forEach((condition, i) => {
    const fault = celFault(textOf(condition, 'expression'))
    if (fault !== undefined) report('POLICY_FIELD_INVALID', [...path, i, 'expression'], `is no CEL: ${fault}`)
  })
}
