import type { Compiled } from './compile-node.ts'
import { endsEvaluation } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import { elementsOf, isObject, isTruthy, orNull } from './value.ts'
import type { Evaluate, Value } from './value.ts'

/** Steps for catching an error, which costs more than most evaluations and which `.*` and `[]` do silently. */
const CAUGHT_ERROR_STEPS = 200

/**
 * Compiles `left[*]` and slices: the right side of each element without nulls; null if the left side is not an array.
 */
export function listProjection(left: Compiled, right: Compiled): Evaluate {
  return (value, evaluation) => {
    const elements = elementsOf(orNull(left.evaluate(value, evaluation)))
    return elements === undefined ? null : projected(elements, right, evaluation)
  }
}

/**
 * Compiles `left.*`: as a list projection over the values of a map.
 *
 * The original allocates room for the values twice and so first evaluates the right side on as many nulls. Results of
 * that other than null are kept.
 */
export function valueProjection(left: Compiled, right: Compiled): Evaluate {
  return (value, evaluation) => {
    const map = nullOnError(left, value, evaluation)
    if (!isObject(map)) return null
    const values = Object.values(map)
    const nulls: readonly Value[] = new Array<null>(values.length).fill(null)
    return projected([...nulls, ...values], right, evaluation)
  }
}

/** Compiles `left[?condition]`: as a list projection over the elements for which the condition is truthy. */
export function filterProjection(left: Compiled, right: Compiled, condition: Compiled): Evaluate {
  return (value, evaluation) => {
    const elements = elementsOf(nullOnError(left, value, evaluation))
    if (elements === undefined) return null
    const results: Value[] = []
    for (const element of elements) {
      evaluation.meter.charge(condition.size)
      if (!isTruthy(orNull(condition.evaluate(element, evaluation)))) continue
      evaluation.meter.charge(right.size)
      const result = orNull(right.evaluate(element, evaluation))
      if (result !== null) results.push(result)
    }
    evaluation.meter.produce(results.length)
    evaluation.built = true
    return results
  }
}

/** Compiles `left[]`: flattens the elements that are arrays, and keeps the others. */
export function flatten(left: Compiled): Evaluate {
  return (value, evaluation) => {
    const elements = elementsOf(nullOnError(left, value, evaluation))
    if (elements === undefined) return null
    const flat: Value[] = []
    for (const element of elements) {
      const inner = elementsOf(element)
      evaluation.meter.produce(inner?.length ?? 1)
      if (inner === undefined) flat.push(element)
      else for (const item of inner) flat.push(item)
    }
    evaluation.built = true
    return flat
  }
}

function projected(elements: readonly Value[], right: Compiled, evaluation: Evaluation): Value {
  const results: Value[] = []
  for (const element of elements) {
    evaluation.meter.charge(right.size)
    const result = orNull(right.evaluate(element, evaluation))
    if (result !== null) results.push(result)
  }
  evaluation.meter.produce(results.length)
  evaluation.built = true
  return results
}

/**
 * Evaluates the left side of `.*`, `[]` and `[?…]`, where an error gives null. Exceeded limits and errors that crash
 * the original propagate.
 */
function nullOnError(left: Compiled, value: Value, evaluation: Evaluation): Value {
  try {
    return orNull(left.evaluate(value, evaluation))
  } catch (error) {
    if (endsEvaluation(error)) throw error
    evaluation.meter.charge(CAUGHT_ERROR_STEPS)
    return null
  }
}

/** Returns the element at an index, counted from the end if negative; null outside the array and for other types. */
export function indexed(index: number): Evaluate {
  return (value, evaluation) => evaluation.latest(elementsOf(value)?.at(index) ?? null)
}
