import { isObject, type Json, type JsonObject, setKey } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { VerifierError } from '../verifier-error.ts'

/**
 * Returns a deep copy of caller-owned JSON. It is taken before the first `await`, so that the caller cannot change the
 * object while it is evaluated.
 *
 * What JSON cannot hold is an error, and depth and size are limited. Keys such as `__proto__` become plain own
 * properties.
 *
 * @throws VerifierError VERIFIER_RESOURCE_INVALID
 */
export function copyJsonObject(value: unknown, what: string): JsonObject {
  if (!isObject(value))
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `${what}: expected an object, got ${kindOf(value)}`)
  return copyObject(value, startAt(what))
}

/** Copies JSON of any type. @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function copyJson(value: unknown, what: string): Json {
  return copy(value, startAt(what))
}

/** Returns an object with these members as own properties, whatever their names. */
export function objectOf<T extends Json>(members: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const target: Record<string, T> = {}
  for (const [key, value] of members) setKey(target, key, value)
  return target
}

/** A walk over a value of the caller. */
interface Walk {
  /** How many values may follow. */
  nodes: number
  /** The place of the value. Formatting it for each value would take longer than the copy. */
  readonly place: (string | number)[]
}

function startAt(what: string): Walk {
  return { nodes: LIMITS.resourceNodes, place: [what] }
}

function copy(value: unknown, walk: Walk): Json {
  if (--walk.nodes < 0) throw tooMany(walk)
  if (walk.place.length - 1 > LIMITS.resourceDepth)
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `nested more than ${String(LIMITS.resourceDepth)} deep`)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return copyArray(value, walk)
  if (isObject(value)) return copyObject(value, walk)
  throw new VerifierError('VERIFIER_RESOURCE_INVALID', `${placeOf(walk)}: ${kindOf(value)} is not JSON`)
}

function copyArray(value: readonly unknown[], walk: Walk): Json {
  if (value.length > walk.nodes) throw tooMany(walk)
  const target: Json[] = []
  // Holes are visited, too.
  for (let i = 0; i < value.length; i++) target.push(copyMember(value[i], i, walk))
  return target
}

function copyObject(value: Readonly<Record<string, unknown>>, walk: Walk): JsonObject {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Plain objects of another realm have another Object.prototype, which itself has none.
  if (typeof prototype === 'object' && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new VerifierError(
      'VERIFIER_RESOURCE_INVALID',
      `${placeOf(walk)}: an instance of ${classOf(prototype)} is not JSON; pass what JSON.parse returns, or ` +
        `a YAML reader without dates`,
    )
  }
  const target: Record<string, Json> = {}
  for (const key of Object.keys(value)) {
    const item = value[key]
    // As JSON.stringify does.
    if (item !== undefined) setKey(target, key, copyMember(item, key, walk))
  }
  return target
}

function copyMember(value: unknown, key: string | number, walk: Walk): Json {
  walk.place.push(key)
  const copied = copy(value, walk)
  walk.place.pop()
  return copied
}

function placeOf({ place: [what, ...keys] }: Walk): string {
  return [what, ...keys.map((key) => (typeof key === 'number' ? `[${String(key)}]` : `.${key.slice(0, 80)}`))].join('')
}

/** Returns the name of a class, for a message; a class can have any name. */
function classOf(prototype: object): string {
  const { constructor }: { readonly constructor?: unknown } = prototype
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name.slice(0, 80) : 'a class'
}

function tooMany(walk: Walk): VerifierError {
  return new VerifierError(
    'VERIFIER_RESOURCE_INVALID',
    `${placeOf(walk)}: more than ${String(LIMITS.resourceNodes)} values`,
  )
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'number') return String(value)
  return value === undefined ? 'undefined' : `a ${typeof value}`
}
