import type { Json } from '@verify-images/primitives'
import type { Evaluation } from './evaluation.ts'

/** A value during evaluation: JSON, and three types of Go that show in results. */
export type Value = null | boolean | number | string | Opaque | readonly Value[] | ValueObject

export interface ValueObject {
  readonly [key: string]: Value
}

/** Evaluates a compiled expression on the current value. */
export type Evaluate = (value: Value, evaluation: Evaluation) => Value | NotFound

/** Base class of the values that are not JSON, so that one check distinguishes them from objects. */
export abstract class Opaque {
  /** Makes the type distinct from a plain object for the compiler. */
  abstract readonly opaque: true
}

/** A Go `int`, as `compare()` returns. It is not a number of the dialect: it equals no literal. */
export class GoInteger extends Opaque {
  readonly opaque = true
  readonly value: number

  constructor(value: number) {
    super()
    this.value = value
  }
}

/**
 * The result of `items()`, a Go slice of maps. Projections, indices and `length` work on it; functions that take an
 * array fail, and it equals no other array.
 */
export class MapArray extends Opaque {
  readonly opaque = true
  readonly maps: readonly ValueObject[]

  constructor(maps: readonly ValueObject[]) {
    super()
    this.maps = maps
  }
}

/** `&expression`, an argument of `map`, `sort_by` and the like. */
export class ExpressionReference extends Opaque {
  readonly opaque = true
  readonly evaluate: Evaluate
  /** Steps of one evaluation, besides the elements it visits. */
  readonly size: number
  /** Equal for equal expressions. */
  readonly signature: () => string

  constructor(evaluate: Evaluate, size: number, signature: () => string) {
    super()
    this.evaluate = evaluate
    this.size = size
    this.signature = signature
  }
}

/** The result of looking up a missing key. Some positions turn it into null, others propagate it. */
export class NotFound {
  readonly key: string

  constructor(key: string) {
    this.key = key
  }
}

export function isObject(value: Value): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Opaque)
}

/** Returns what `Array.isArray` does, and keeps the element type of a readonly array. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** Returns whether the value's own type is JSON. {@link Evaluation.madeOpaque} tells whether its content is. */
export function isJson(value: Value): value is Json {
  return !(value instanceof Opaque)
}

/** Returns the elements of an array or a {@link MapArray}, or `undefined` for anything else. */
export function elementsOf(value: Value): readonly Value[] | undefined {
  if (isArray(value)) return value
  return value instanceof MapArray ? value.maps : undefined
}

/** Returns whether a value is truthy. False, null and what is empty are falsy; 0 is truthy. */
export function isTruthy(value: Value): boolean {
  if (value === null || value === false || value === '') return false
  if (isObject(value)) {
    for (const key in value) if (Object.hasOwn(value, key)) return true
    return false
  }
  const elements = elementsOf(value)
  return elements === undefined || elements.length > 0
}

/** Turns a missing key into null. */
export function orNull(value: Value | NotFound): Value {
  return value instanceof NotFound ? null : value
}
