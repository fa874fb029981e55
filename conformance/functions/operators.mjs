import { ConditionError, evaluateOperator } from '@verify-images/condition-engine'

export const evaluate = ({ operator, key, value }) => {
  try {
    return { result: evaluateOperator(operator, key, value, { compatibility: 'kyverno' }) }
  } catch (error) {
    if (error instanceof ConditionError) return { error: error.message }
    throw error
  }
}
