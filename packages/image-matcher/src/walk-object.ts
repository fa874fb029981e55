import { JSONPath } from 'jsonpath-plus'
import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import type { CompiledExtractor } from './image-extractors.ts'
import { ImageError } from './image-error.ts'
import type { ImageCompatibility } from './image-patterns.ts'
import { toPointer } from './json-pointer.ts'
import { LIMITS } from './limits.ts'

/** An object with an image field, such as a container. */
export interface ImageHolder {
  readonly object: JsonObject
  readonly path: readonly string[]
  /** The names in `imagePullSecrets` of this object and its ancestors. */
  readonly imagePullSecrets: readonly string[]
}

/**
 * Yields the objects at the end of an extractor's path, in document order; one at a time, so that a caller that
 * stops at a limit does no work for the rest.
 *
 * Path segments are compared with own keys literally and never evaluated as expressions. A missing key means no image;
 * a wrong type is an error, since it may hide an image.
 *
 * @throws ImageError IMAGE_OBJECT_INVALID
 */
export function findHolders(
  root: JsonObject,
  extractor: CompiledExtractor,
  compatibility: ImageCompatibility,
): Iterable<ImageHolder> {
  const isStrict = compatibility !== 'kyverno'
  function* visit(
    node: Json | undefined,
    steps: readonly string[],
    path: readonly string[],
    secrets: readonly string[],
  ): Generator<ImageHolder, void> {
    if (node === undefined || node === null) {
      if (isStrict && extractor.builtIn && path.length === 1)
        throw invalidShape(path, 'expected an object, got null or undefined', 'S1')
      return
    }
    const [step, ...following] = steps
    if (step === '*') {
      if (isStrict && extractor.builtIn && !Array.isArray(node)) throw invalidShape(path, 'expected an array', 'S1')
      for (const [key, member] of membersOf(node, path)) {
        if (isStrict && member === null && Array.isArray(node))
          throw invalidShape([...path, key], 'expected an object, got null', 'S1')
        yield* visit(member, following, [...path, key], secrets)
      }
      return
    }
    if (!isJsonObject(node))
      throw new ImageError('IMAGE_OBJECT_INVALID', 'invalid image config', { pointer: toPointer(path) })
    const known = joinSecrets(secrets, pullSecretsOf(node), path)
    if (step === undefined) yield { object: node, path, imagePullSecrets: known }
    else yield* visit(ownMember(node, step), following, [...path, step], known)
  }
  return visit(root, extractor.path, [], [])
}

/**
 * Adds the names of an object to those of its ancestors. An array without additions is shared: copying it for each
 * container would take containers × secrets of memory.
 */
function joinSecrets(known: readonly string[], own: readonly string[], path: readonly string[]): readonly string[] {
  if (own.length === 0) return known
  if (known.length === 0) return own
  if (known.length + own.length > LIMITS.joinedPullSecrets) {
    const pointer = toPointer(path)
    const problem = `expected at most ${String(LIMITS.joinedPullSecrets)} pull secrets with those of its parents`
    throw new ImageError('IMAGE_LIMIT_EXCEEDED', `\`${pointer}\`: ${problem}`, { pointer })
  }
  return [...known, ...own]
}

function invalidShape(path: readonly string[], problem: string, difference: string): ImageError {
  const pointer = toPointer(path)
  return new ImageError('IMAGE_OBJECT_INVALID', `\`${pointer}\`: ${problem}`, { pointer, difference })
}

/**
 * Yields all members of an array or an object.
 *
 * The expression is constant and only asks for keys: jsonpath-plus serializes paths and parses them again, and a key
 * such as `(1+1)` would then be an operator.
 */
function* membersOf(node: Json, path: readonly string[]): Generator<readonly [string, Json], void> {
  if (typeof node !== 'object' || node === null)
    throw new ImageError('IMAGE_OBJECT_INVALID', 'invalid type', { pointer: toPointer(path) })
  if (isJsonArray(node)) {
    for (const [index, member] of node.entries()) yield [String(index), member]
    return
  }
  const keys: unknown = JSONPath({ path: '$[*]', json: node, eval: false, resultType: 'parentProperty' })
  if (!Array.isArray(keys)) return
  for (const each of keys) yield [String(each), ownMember(node, String(each)) ?? null]
}

function pullSecretsOf(object: JsonObject): readonly string[] {
  const secrets = ownMember(object, 'imagePullSecrets')
  if (!Array.isArray(secrets)) return []
  return secrets.flatMap((secret: Json) => {
    const name = isJsonObject(secret) ? ownMember(secret, 'name') : undefined
    return typeof name === 'string' ? [name] : []
  })
}
