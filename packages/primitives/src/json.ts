/**
 * A JSON value. Objects come from outside: read their members with {@link ownMember}, write them with {@link setKey}.
 */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Returns whether a JSON value is an object: not null and not an array. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `Array.isArray` that keeps the element type of a readonly array. */
export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/**
 * Returns the own member of an object; undefined without one, or for a value that is not an object.
 *
 * Never an inherited one: `constructor` and `__proto__` are keys like any other in JSON.
 */
export function ownMember(object: Json | undefined, key: string): Json | undefined {
  return isJsonObject(object) && Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets an own property. A plain assignment to `__proto__` would set the prototype instead. */
export function setKey<T>(object: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  else object[key] = value
}
