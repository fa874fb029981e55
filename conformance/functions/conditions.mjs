import {
  ConditionError,
  createQueryContext,
  evaluateConditions,
  evaluateConditionSets,
} from '@verify-images/condition-engine'

export const evaluate = ({ form, conditions, context }) => {
  const evaluateForm = form === 'anyAllList' ? evaluateConditionSets : evaluateConditions
  try {
    const { holds, message } = evaluateForm(conditions, createQueryContext(context), { compatibility: 'kyverno' })
    return { result: holds, ...(message === '' ? {} : { message }) }
  } catch (error) {
    if (error instanceof ConditionError) return { error: error.message }
    throw error
  }
}
