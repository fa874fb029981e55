import { isObject, type Json, type JsonObject, setKey } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { VerifierError } from '../verifier-error.ts'

/**
 * A deep copy of caller-owned JSON, taken before the first `await` so that nobody changes it while it is judged.
 *
 * Anything that JSON cannot hold is refused rather than dropped, and depth and size are bounded. Keys such as
 * `__proto__` become plain own properties.
 *
 * @throws VerifierError VERIFIER_RESOURCE_INVALID
 */
export function copyJsonObject(value: unknown, what: string): JsonObject {
  if (!isObject(value))
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `${what} must be an object, found ${kindOf(value)}`)
  const budget = { nodes: LIMITS.resourceNodes }
  return copyObject(value, what, 0, budget)
}

/** The same for JSON of any type. @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function copyJson(value: unknown, what: string): Json {
  return copy(value, what, 0, { nodes: LIMITS.resourceNodes })
}

/** An object with these members as own properties, whatever they are called. */
export function objectOf(members: Iterable<readonly [string, Json]>): JsonObject {
  const target: Record<string, Json> = {}
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
    // Unlike map(), from() also meets the items that are not there.
    return Array.from(value, (item: unknown, index) => copy(item, `${at}[${String(index)}]`, depth + 1, budget))
  }
  if (isObject(value)) return copyObject(value, at, depth, budget)
  throw new VerifierError('VERIFIER_RESOURCE_INVALID', `${at}: ${kindOf(value)} is not JSON`)
}

function copyObject(value: object, at: string, depth: number, budget: { nodes: number }): JsonObject {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    throw new VerifierError(
      'VERIFIER_RESOURCE_INVALID',
      `${at}: an instance of ${classOf(prototype)} is not JSON; give what JSON.parse or a YAML reader without dates makes of it`,
    )
  }
  const present = Object.entries(value).filter(([, item]) => item !== undefined) // as JSON.stringify does
  return objectOf(
    present.map(([key, item]) => [key, copy(item, `${at}.${key.slice(0, 80)}`, depth + 1, budget)] as const),
  )
}

/** The name of a class, for people; a class may call itself anything. */
function classOf(prototype: object): string {
  const { constructor }: { readonly constructor?: unknown } = prototype
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name.slice(0, 80) : 'a class'
}

function tooMany(at: string): VerifierError {
  return new VerifierError('VERIFIER_RESOURCE_INVALID', `${at}: more than ${String(LIMITS.resourceNodes)} values`)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return String(value)
  return value === undefined ? 'nothing' : `a ${typeof value}`
}
