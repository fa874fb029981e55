import { endsEvaluation, evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { orNull } from '../expression/value.ts'
import type { ExpressionReference, MapArray, Value } from '../expression/value.ts'
import { compareStrings } from '../values/compare-strings.ts'
import { plainList } from './builtin-collections.ts'
import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { either, array, numbers, reference, strings } from './parameter.ts'

type Key = number | string

const MIXED = 'invalid type, must be number of string'

/** JMESPath's own functions that order arrays, and `map`, which evaluates an expression in the same way. */
export const BUILTIN_ORDERING: readonly FunctionDefinition[] = [
  define('sort', [either(strings, numbers)], ([values], { meter }) => {
    chargeSort(values.length, meter)
    return [...values].sort(compareKeys)
  }),
  define('max', [either(numbers, strings)], ([values]) => extreme(values, 1)),
  define('min', [either(numbers, strings)], ([values]) => extreme(values, -1)),
  define('map', [reference, array], ([expression, elements], evaluation) => {
    const values = plainList(elements)
    evaluation.meter.produce(values.length)
    return values.map((element) => apply(expression, element, evaluation))
  }),
  define('sort_by', [array, reference], ([elements, expression], evaluation) =>
    sortBy(plainList(elements), expression, evaluation),
  ),
  define('max_by', [array, reference], ([elements, expression], evaluation) =>
    extremeBy(elements, expression, 1, evaluation),
  ),
  define('min_by', [array, reference], ([elements, expression], evaluation) =>
    extremeBy(elements, expression, -1, evaluation),
  ),
]

function apply(expression: ExpressionReference, element: Value, evaluation: Evaluation): Value {
  evaluation.meter.charge(expression.size)
  return orNull(expression.evaluate(element, evaluation))
}

/** Compares two keys of one type. `NaN` comes before every number, as in Go's sort. */
function compareKeys(left: Key, right: Key): number {
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right)
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(right)) - Number(Number.isNaN(left))
  return left < right ? -1 : left > right ? 1 : 0
}

function chargeSort(length: number, meter: Evaluation['meter']): void {
  meter.produce(length)
  meter.charge(length * Math.ceil(Math.log2(length + 1)))
}

function isBeyond(candidate: Key, best: Key, direction: 1 | -1): boolean {
  if (typeof candidate === 'string' && typeof best === 'string') return compareStrings(candidate, best) * direction > 0
  return direction > 0 ? candidate > best : candidate < best
}

function extreme(values: readonly Key[], direction: 1 | -1): Value {
  let best = values[0]
  for (const value of values) if (best !== undefined && isBeyond(value, best, direction)) best = value
  return best ?? null
}

/**
 * Sorts the array itself, as Go does: later readers see it sorted. With fewer than two elements nothing is evaluated.
 */
function sortBy(elements: readonly Value[], expression: ExpressionReference, evaluation: Evaluation): Value {
  const [first, ...others] = elements
  if (first === undefined || others.length === 0) return elements
  chargeSort(elements.length, evaluation.meter)
  const firstKey = keyOf(first, expression, evaluation)
  const keyed = [{ element: first, key: firstKey }]
  for (const element of others) {
    const key = keyOrFault(element, expression, evaluation)
    if (typeof key !== typeof firstKey) throw evaluationError('type', 'error in sort_by comparison')
    keyed.push({ element, key: key ?? firstKey })
  }
  evaluation.reorder(
    elements,
    keyed.sort((left, right) => compareKeys(left.key, right.key)).map(({ element }) => element),
  )
  return evaluation.latest(elements)
}

function keyOf(element: Value, expression: ExpressionReference, evaluation: Evaluation): Key {
  const key = apply(expression, element, evaluation)
  if (typeof key !== 'number' && typeof key !== 'string') throw evaluationError('type', MIXED)
  return key
}

/** Returns `undefined` where the expression fails for an element. */
function keyOrFault(element: Value, expression: ExpressionReference, evaluation: Evaluation): Key | undefined {
  try {
    return keyOf(element, expression, evaluation)
  } catch (error) {
    if (endsEvaluation(error)) throw error
    return undefined
  }
}

function extremeBy(
  list: readonly Value[] | MapArray,
  expression: ExpressionReference,
  direction: 1 | -1,
  evaluation: Evaluation,
): Value {
  const elements = plainList(list)
  const [first, ...others] = elements
  if (first === undefined || others.length === 0) return first ?? null
  let best = { element: first, key: keyOf(first, expression, evaluation) }
  for (const element of others) {
    const key = apply(expression, element, evaluation)
    if ((typeof key !== 'number' && typeof key !== 'string') || typeof key !== typeof best.key)
      throw evaluationError('type', `invalid type, must be ${typeof best.key}`)
    if (isBeyond(key, best.key, direction)) best = { element, key }
  }
  return best.element
}
