import type { Json } from '@verify-images/primitives'
import type { Evaluation } from './evaluation.ts'

/** What an evaluation handles: JSON, and three things that Go's typing makes visible in results. */
export type Value = null | boolean | number | string | Opaque | readonly Value[] | ValueObject

export interface ValueObject {
  readonly [key: string]: Value
}

/** The value of a compiled expression on a current value, or what was not found there. */
export type Evaluate = (value: Value, evaluation: Evaluation) => Value | NotFound

/** Base of the values that are not JSON, so that one check tells them from objects. */
export abstract class Opaque {
  /** Tells the type from a plain object for the compiler. */
  abstract readonly opaque: true
}

/** A Go `int`, which `compare()` returns. The dialect does not take it for a number: it equals no literal. */
export class GoInteger extends Opaque {
  readonly opaque = true
  readonly value: number

  constructor(value: number) {
    super()
    this.value = value
  }
}

/**
 * The result of `items()`, a Go slice of maps. Projections, indices and `length` work on it; functions that want a
 * list of anything fail, and it equals no other list.
 */
export class MapList extends Opaque {
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
  /** How much work one evaluation is, beside the elements it visits. */
  readonly size: number
  /** A text that is equal for equal expressions. */
  readonly signature: () => string

  constructor(evaluate: Evaluate, size: number, signature: () => string) {
    super()
    this.evaluate = evaluate
    this.size = size
    this.signature = signature
  }
}

/** The outcome of looking up a key that a map does not have. Some positions turn it into null, others pass it on. */
export class NotFound {
  readonly key: string

  constructor(key: string) {
    this.key = key
  }
}

export function isObject(value: Value): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Opaque)
}

/** `Array.isArray` that keeps the element type of a readonly list. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** Whether the value is JSON as far as its own type goes; what it holds inside is known by {@link Evaluation.madeOpaque}. */
export function isJson(value: Value): value is Json {
  return !(value instanceof Opaque)
}

/** The elements of a list, also of a {@link MapList}; `undefined` for anything else. */
export function elementsOf(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value
  return value instanceof MapList ? value.maps : undefined
}

/** False, null, the empty text, the empty list and the empty object are falsy; 0 is not. */
export function isTruthy(value: Value): boolean {
  if (value === null || value === false || value === '') return false
  if (isObject(value)) {
    for (const key in value) if (Object.hasOwn(value, key)) return true
    return false
  }
  const elements = elementsOf(value)
  return elements === undefined || elements.length > 0
}

/** Null in place of what was not found. */
export function orNull(value: Value | NotFound): Value {
  return value instanceof NotFound ? null : value
}
