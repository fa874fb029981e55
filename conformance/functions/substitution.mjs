import { ConditionError, createQueryContext, substitute } from '@verify-images/condition-engine'

export const evaluate = ({ document, context }) => {
  try {
    return { result: substitute(document, createQueryContext(context), { compatibility: 'kyverno' }) }
  } catch (error) {
    if (error instanceof ConditionError) return { error: error.message }
    throw error
  }
}
