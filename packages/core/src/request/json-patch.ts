import { isJsonArray, isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { objectOf } from './copy-json.ts'
import { VerifierError } from '../verifier-error.ts'

/** The two RFC 6902 operations that are emitted. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'replace'
  readonly path: string
  readonly value: Json
}

/** Escapes one reference token of an RFC 6901 pointer. */
export function escapePointerToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Returns the value at a pointer, or undefined. */
export function valueAt(document: Json | undefined, pointer: string): Json | undefined {
  let at = document
  for (const token of tokensOf(pointer)) {
    if (isJsonArray(at)) at = /^(?:0|[1-9]\d*)$/.test(token) ? at[Number(token)] : undefined
    else if (isJsonObject(at)) at = Object.hasOwn(at, token) ? at[token] : undefined
    else return undefined
  }
  return at
}

/**
 * Returns the document after our own patches. The original stays as it is; unchanged parts are shared.
 *
 * @throws VerifierError VERIFIER_PATCH_FAILED when a parent, or the value to replace, does not exist
 */
export function applyJsonPatch(document: JsonObject, operations: readonly JsonPatchOperation[]): JsonObject {
  return operations.reduce<JsonObject>((current, operation) => {
    const changed = change(current, tokensOf(operation.path), operation)
    if (!isJsonObject(changed)) throw failed(operation)
    return changed
  }, document)
}

function change(node: Json | undefined, tokens: readonly string[], operation: JsonPatchOperation): Json {
  const [token, ...rest] = tokens
  if (token === undefined) return operation.value
  if (isJsonArray(node)) {
    const index = Number(token)
    if (!/^(?:0|[1-9]\d*)$/.test(token) || index >= node.length) throw failed(operation)
    return node.map((item, i) => (i === index ? change(item, rest, operation) : item))
  }
  if (!isJsonObject(node)) throw failed(operation)
  const present = Object.hasOwn(node, token)
  if (!present && (rest.length > 0 || operation.op === 'replace')) throw failed(operation)
  const value = change(present ? node[token] : undefined, rest, operation)
  return objectOf([...Object.entries(node), [token, value] as const])
}

function failed({ op, path }: JsonPatchOperation): VerifierError {
  return new VerifierError('VERIFIER_PATCH_FAILED', `failed to apply patch: ${op} ${path}: the path does not exist`)
}
