import { ConditionError, search } from '@verify-images/condition-engine'

const options = { now: () => new Date(), random: Math.random }

export const evaluate = ({ expression, input }) => {
  try {
    return { result: search(expression, input ?? null, options) }
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    return { error: error.message, errorKind: error.kind }
  }
}
