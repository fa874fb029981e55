import type { Evaluation } from '../expression/evaluation.ts'
import type { Value } from '../expression/value.ts'
import { MapArray } from '../expression/value.ts'
import { add, divide, modulo, multiply, readOperand, subtract } from './arithmetic.ts'
import { define, functionError } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { anything, array, number, numbers } from './parameter.ts'

/** Steps of one operation: exact arithmetic on long quantities costs more than one. */
const ARITHMETIC_STEPS = 20

/** JMESPath's own functions of numbers. The average of an empty array is `NaN`. */
export const BUILTIN_NUMBERS: readonly FunctionDefinition[] = [
  define('abs', [number], ([value]) => Math.abs(value)),
  define('avg', [numbers], ([values]) => values.reduce((total, value) => total + value, 0) / values.length),
  define('ceil', [number], ([value]) => Math.ceil(value)),
  define('floor', [number], ([value]) => Math.floor(value)),
]

/** Kyverno's arithmetic of numbers, quantities and durations. */
export const NUMBERS: readonly FunctionDefinition[] = [
  define('add', [anything, anything], ([left, right], evaluation) => addValues(left, right, 'add', evaluation)),
  define('sum', [array], ([values], evaluation) => sum(values, evaluation)),
  arithmetic('subtract', subtract),
  arithmetic('multiply', multiply),
  arithmetic('divide', divide),
  arithmetic('modulo', modulo),
  define('round', [number, number], ([value, places]) => round(value, places)),
]

function arithmetic(name: string, operation: typeof subtract): FunctionDefinition {
  return define(name, [anything, anything], ([left, right], { meter }) => {
    meter.charge(ARITHMETIC_STEPS)
    return operation(readOperand(left, name), readOperand(right, name))
  })
}

function addValues(left: Value, right: Value, name: string, { meter }: Evaluation): Value {
  meter.charge(ARITHMETIC_STEPS)
  return add(readOperand(left, name), readOperand(right, name), name)
}

/** Returns a single element unchanged, whatever its type. */
function sum(values: readonly Value[] | MapArray, evaluation: Evaluation): Value {
  if (values instanceof MapArray) throw functionError('sum', 'type', 'Types mismatch')
  const [first, ...others] = values
  if (first === undefined) throw functionError('sum', 'value', 'at least one element in the array is required')
  return others.reduce<Value>((total, value) => addValues(total, value, 'sum', evaluation), first)
}

/** Rounds half away from zero. The arithmetic is that of floats, so `1.005` at two places is `1`. */
function round(value: number, places: number): number {
  if (!Number.isInteger(places) || Math.abs(places) >= 2 ** 63)
    throw functionError('round', 'value', 'Non-integer argument(s) passed for round off')
  if (places < 0) throw functionError('round', 'value', 'the number of places is out of bounds')
  const shift = powerOfTen(places)
  return roundHalfAway(value * shift) / shift
}

function roundHalfAway(value: number): number {
  const whole = Math.trunc(value)
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole
}

/**
 * Exact up to 10²²; beyond that Go multiplies squares of 0.625, and its last digit differs from JavaScript's `10 ** n`.
 */
function powerOfTen(exponent: number): number {
  if (exponent > 308) return Infinity
  let result = 1
  let resultExponent = 0
  let factor = 0.625
  let factorExponent = 4
  for (let bits = exponent; bits > 0; bits >>= 1) {
    if (bits % 2 === 1) {
      result *= factor
      resultExponent += factorExponent
    }
    factor *= factor
    factorExponent *= 2
    if (factor < 0.5) {
      factor += factor
      factorExponent--
    }
  }
  // Two steps: 2¹⁰²⁴ alone is infinite.
  return result * 2 * 2 ** (resultExponent - 1)
}
