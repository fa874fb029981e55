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
  const budget = { nodes: LIMITS.resourceNodes }
  return copyObject(value, what, 0, budget)
}

/** Copies JSON of any type. @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function copyJson(value: unknown, what: string): Json {
  return copy(value, what, 0, { nodes: LIMITS.resourceNodes })
}

/** Returns an object with these members as own properties, whatever their names. */
export function objectOf<T extends Json>(members: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const target: Record<string, T> = {}
  for (const [key, value] of members) setKey(target, key, value)
  return target
}

function copy(value: unknown, at: string, depth: number, budget: { nodes: number }): Json {
  if (--budget.nodes < 0) throw tooMany(at)
  if (depth > LIMITS.resourceDepth)
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `nested more than ${String(LIMITS.resourceDepth)} deep`)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) {
    if (value.length > budget.nodes) throw tooMany(at)
    // Unlike map(), from() visits holes, too.
    return Array.from(value, (item: unknown, index) => copy(item, `${at}[${String(index)}]`, depth + 1, budget))
  }
  if (isObject(value)) return copyObject(value, at, depth, budget)
  throw new VerifierError('VERIFIER_RESOURCE_INVALID', `${at}: ${kindOf(value)} is not JSON`)
}

function copyObject(value: object, at: string, depth: number, budget: { nodes: number }): JsonObject {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Plain objects of another realm have another Object.prototype, which itself has none.
  if (typeof prototype === 'object' && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new VerifierError(
      'VERIFIER_RESOURCE_INVALID',
      `${at}: an instance of ${classOf(prototype)} is not JSON; pass what JSON.parse returns, or a YAML reader without dates`,
    )
  }
  const present = Object.entries(value).filter(([, item]) => item !== undefined) // as JSON.stringify does
  return objectOf(
    present.map(([key, item]) => [key, copy(item, `${at}.${key.slice(0, 80)}`, depth + 1, budget)] as const),
  )
}

/** Returns the name of a class, for a message; a class can have any name. */
function classOf(prototype: object): string {
  const { constructor }: { readonly constructor?: unknown } = prototype
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name.slice(0, 80) : 'a class'
}

function tooMany(at: string): VerifierError {
  return new VerifierError('VERIFIER_RESOURCE_INVALID', `${at}: more than ${String(LIMITS.resourceNodes)} values`)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'number') return String(value)
  return value === undefined ? 'undefined' : `a ${typeof value}`
}
