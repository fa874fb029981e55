import { JSONPath } from 'jsonpath-plus'
import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import type { CompiledExtractor } from './image-extractors.ts'
import { ImageError } from './image-error.ts'
import type { Reading } from './image-patterns.ts'
import { toPointer } from './json-pointer.ts'

/** An object that may have an image in one of its fields. */
export interface ImageHolder {
  readonly object: JsonObject
  readonly path: readonly string[]
  /** Names in the `imagePullSecrets` of the objects passed on the way. */
  readonly imagePullSecrets: readonly string[]
}

/**
 * The objects at the end of an extractor's path, in document order.
 *
 * Names in a path are compared with own keys, whatever characters they have; they are never part of an expression. What
 * is missing on the way means that there is no image. A wrong type is an error: something is there that we cannot read.
 *
 * @throws ImageError IMAGE_OBJECT_INVALID
 */
export function findHolders(root: JsonObject, extractor: CompiledExtractor, reading: Reading): readonly ImageHolder[] {
  const isStrict = reading !== 'upstream'
  const holders: ImageHolder[] = []
  const visit = (
    node: Json | undefined,
    steps: readonly string[],
    path: readonly string[],
    secrets: readonly string[],
  ): void => {
    if (node === undefined || node === null) {
      if (isStrict && extractor.builtIn && path.length === 1)
        throw wrongShape(path, 'is missing, so the object cannot be read', 'S1')
      return
    }
    const [step, ...following] = steps
    if (step === '*') {
      if (isStrict && extractor.builtIn && !Array.isArray(node)) throw wrongShape(path, 'is not a list', 'S1')
      for (const [key, member] of membersOf(node, path)) {
        if (isStrict && member === null && Array.isArray(node)) throw wrongShape([...path, key], 'is null', 'S1')
        visit(member, following, [...path, key], secrets)
      }
      return
    }
    if (!isJsonObject(node))
      throw new ImageError('IMAGE_OBJECT_INVALID', 'invalid image config', { pointer: toPointer(path) })
    const known = [...secrets, ...pullSecretsOf(node)]
    if (step === undefined) holders.push({ object: node, path, imagePullSecrets: known })
    else visit(ownMember(node, step), following, [...path, step], known)
  }
  visit(root, extractor.path, [], [])
  return holders
}

function wrongShape(path: readonly string[], problem: string, difference: string): ImageError {
  const pointer = toPointer(path)
  return new ImageError('IMAGE_OBJECT_INVALID', `\`${pointer}\` ${problem}`, { pointer, difference })
}

/**
 * All members of a list or an object.
 *
 * The expression is a constant and only keys are asked for: jsonpath-plus writes every other result as a text that it
 * parses again, and there a key such as `(1+1)` is an operator.
 */
function membersOf(node: Json, path: readonly string[]): readonly (readonly [string, Json])[] {
  if (typeof node !== 'object' || node === null)
    throw new ImageError('IMAGE_OBJECT_INVALID', 'invalid type', { pointer: toPointer(path) })
  const keys = JSONPath({ path: '$[*]', json: node, eval: false, resultType: 'parentProperty' })
  if (!Array.isArray(keys)) return []
  return keys.map((each: unknown) => {
    const key = String(each)
    return [key, (Array.isArray(node) ? node[Number(key)] : (node as JsonObject)[key]) ?? null] as const
  })
}

function pullSecretsOf(object: JsonObject): readonly string[] {
  const secrets = ownMember(object, 'imagePullSecrets')
  if (!Array.isArray(secrets)) return []
  return secrets.flatMap((secret: Json) => {
    const name = isJsonObject(secret) ? ownMember(secret, 'name') : undefined
    return typeof name === 'string' ? [name] : []
  })
}
