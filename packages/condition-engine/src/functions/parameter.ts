import { ExpressionReference, isArray, isObject, MapArray } from '../expression/value.ts'
import type { Value, ValueObject } from '../expression/value.ts'

/** A parameter of a function: which values it accepts, and their names in error messages. */
export interface Parameter<T extends Value> {
  readonly types: readonly string[]
  readonly accepts: (value: Value) => value is T
}

export const string: Parameter<string> = { types: ['string'], accepts: (value) => typeof value === 'string' }
export const number: Parameter<number> = { types: ['number'], accepts: (value) => typeof value === 'number' }
export const object: Parameter<ValueObject> = { types: ['object'], accepts: isObject }
/** An array, or the map list that `items()` returns; most functions refuse the latter themselves. */
export const array: Parameter<readonly Value[] | MapArray> = {
  types: ['array'],
  accepts: (value) => isArray(value) || value instanceof MapArray,
}
export const numbers: Parameter<readonly number[]> = {
  types: ['array[number]'],
  accepts: (value) => isArray(value) && value.every(number.accepts),
}
export const strings: Parameter<readonly string[]> = {
  types: ['array[string]'],
  accepts: (value) => isArray(value) && value.every(string.accepts),
}
export const reference: Parameter<ExpressionReference> = {
  types: ['expref'],
  accepts: (value) => value instanceof ExpressionReference,
}
export const anything: Parameter<Value> = { types: ['any'], accepts: (value): value is Value => value !== undefined }

/** Combines two parameters: accepts what either of them accepts. */
export function either<A extends Value, B extends Value>(first: Parameter<A>, second: Parameter<B>): Parameter<A | B> {
  return {
    types: [...first.types, ...second.types],
    accepts: (value): value is A | B => first.accepts(value) || second.accepts(value),
  }
}
