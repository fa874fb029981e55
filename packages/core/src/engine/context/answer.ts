import type { Reason } from '@verify-images/attestor-evaluator'
import { ConditionError, type ConditionResult } from '@verify-images/condition-engine'
import type { DifferenceRow } from '@verify-images/primitives'
import { differenceOfError } from './variable-view.ts'

/** The result of conditions, or why they could not be evaluated. */
export type Answer = { readonly holds: boolean; readonly message: string } | { readonly failure: Reason }

/** Turns an evaluation error into a failure. Any other error is a bug and is thrown. */
export async function answer<T>(work: () => Promise<T>): Promise<T | { readonly failure: Reason }> {
  try {
    return await work()
  } catch (error) {
    return failureOfError(error)
  }
}

/** Like {@link answer}, for synchronous work. */
export function answerSync<T>(work: () => T): T | { readonly failure: Reason } {
  try {
    return work()
  } catch (error) {
    return failureOfError(error)
  }
}

function failureOfError(error: unknown): { readonly failure: Reason } {
  if (!(error instanceof ConditionError)) throw error
  const difference = differenceOfError(error)
  return {
    failure: {
      code: error.code,
      message: error.message,
      ...(difference === undefined ? rowOf(error) : { difference }),
    },
  }
}

/** Returns the expected and the actual value of the condition that decided, for a reason. */
export function factsOf({ decisive }: ConditionResult): Pick<Reason, 'expected' | 'actual'> {
  if (decisive === undefined) return {}
  const { key, operator, value, found } = decisive
  return { expected: `${key} ${operator} ${value}`, actual: found }
}

/** Returns the row of docs/differences.md, if conditions differ from Kyverno's. */
export function rowOf({ difference }: { readonly difference?: Difference | undefined }): Pick<Reason, 'difference'> {
  return difference === undefined ? {} : { difference: DIFFERENCE_ROWS[difference] }
}

type Difference = NonNullable<ConditionResult['difference'] | ConditionError['difference']>
const DIFFERENCE_ROWS: Readonly<Record<Difference, DifferenceRow>> = {
  escape: 'S17',
  pattern: 'S18',
  uncomparable: 'S19',
  empty: 'cnd-empty',
}
