import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import { formatGoFloat, type Json, MAX_INT64, MIN_INT64, setKey } from '@verify-images/primitives'
import { compareStrings } from './compare-strings.ts'

/**
 * JSON as Kyverno represents it during evaluation: a `number` is a Go float64, a `bigint` is a whole number that a
 * policy states inside an array or object, which Kyverno keeps as an int64. The two are never equal, and print
 * differently from a million on.
 */
export type GoValue = null | boolean | number | bigint | string | GoArray | GoObject
export type GoArray = readonly GoValue[]
export interface GoObject {
  readonly [key: string]: GoValue
}

export function isGoArray(value: GoValue): value is GoArray {
  return Array.isArray(value)
}

export function isGoObject(value: GoValue): value is GoObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Converts a key or value of a policy: whole numbers inside arrays and objects are integers, a number alone is a float.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED if it nests too deep
 */
export function literalValue(value: Json): GoValue {
  return typeof value === 'number' ? value : nestedLiteral(value, 0)
}

function nestedLiteral(value: Json, depth: number): GoValue {
  checkDepth(depth)
  if (typeof value === 'number') return integerOf(value) ?? value
  if (typeof value !== 'object' || value === null) return value
  if (isJsonArray(value)) return value.map((item) => nestedLiteral(item, depth + 1))
  const object: { [key: string]: GoValue } = {}
  for (const [key, item] of Object.entries(value)) setKey(object, key, nestedLiteral(item, depth + 1))
  return object
}

/** Returns the value as an int64; undefined if it is not one. */
function integerOf(value: number): bigint | undefined {
  if (!Number.isInteger(value)) return undefined
  const integer = BigInt(value)
  return integer >= MIN_INT64 && integer <= MAX_INT64 ? integer : undefined
}

function isJsonArray(value: object): value is readonly Json[] {
  return Array.isArray(value)
}

/** Formats a value as `fmt.Sprint` does: `1e+06`, `<nil>`, `[a b]`, `map[k:v]`. */
export function goText(value: GoValue): string {
  if (value === null) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatGoFloat(value)
  if (typeof value !== 'object') return String(value)
  if (isGoArray(value)) return `[${value.map(goText).join(' ')}]`
  const members = Object.entries(value).sort(([left], [right]) => compareStrings(left, right))
  return `map[${members.map(([key, item]) => `${key}:${goText(item)}`).join(' ')}]`
}

/** Returns whether two values are deeply equal. An integer equals a float only with `numbersAlike`. */
export function deepEqual(left: GoValue, right: GoValue, numbersAlike: boolean): boolean {
  if (left === right) return true
  if (isNumber(left) && isNumber(right)) return numbersAlike && Number(left) === Number(right)
  if (isGoArray(left)) {
    return (
      isGoArray(right) &&
      left.length === right.length &&
      left.every((item, index) => deepEqual(item, right[index] ?? null, numbersAlike))
    )
  }
  if (!isGoObject(left) || !isGoObject(right)) return false
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && deepEqual(left[key] ?? null, right[key] ?? null, numbersAlike))
  )
}

function isNumber(value: GoValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/**
 * Stops a recursive walk of a document before it overflows the stack.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED
 */
export function checkDepth(depth: number): void {
  if (depth <= LIMITS.documentDepth) return
  throw new ConditionError(
    'CONDITION_LIMIT_EXCEEDED',
    'limit',
    `document: expected at most ${LIMITS.documentDepth} nested levels`,
  )
}
