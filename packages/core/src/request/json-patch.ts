import { isJsonArray, isJsonObject, setKey, type Json, type JsonObject } from '@verify-images/primitives'
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
 * Returns the document after our own patches. The original stays as it is; unchanged parts are shared, and each changed
 * array or object is copied once, however many patches change it.
 *
 * @throws VerifierError VERIFIER_PATCH_FAILED when a parent, or the value to replace, does not exist
 */
export function applyJsonPatch(document: JsonObject, operations: readonly JsonPatchOperation[]): JsonObject {
  const copies = new Copies()
  const patched = operations.reduce<Json>((root, operation) => {
    const tokens = tokensOf(operation.path)
    return tokens.length === 0 ? operation.value : change(root, tokens, 0, operation, copies)
  }, document)
  if (!isJsonObject(patched)) throw new VerifierError('VERIFIER_PATCH_FAILED', 'the patched object is not an object')
  return patched
}

/** The arrays and objects that one application has copied, and may therefore change. */
class Copies {
  readonly #arrays = new Map<Json, Json[]>()
  readonly #objects = new Map<Json, Record<string, Json>>()

  array(of: readonly Json[]): Json[] {
    const known = this.#arrays.get(of)
    if (known !== undefined) return known
    const copy = [...of]
    // The copy is found again under itself, by the next patch.
    this.#arrays.set(copy, copy)
    return copy
  }

  object(of: JsonObject): Record<string, Json> {
    const known = this.#objects.get(of)
    if (known !== undefined) return known
    const copy: Record<string, Json> = {}
    for (const [key, value] of Object.entries(of)) setKey(copy, key, value)
    this.#objects.set(copy, copy)
    return copy
  }
}

/** Returns the node with the value at `tokens[depth…]` changed. */
function change(
  node: Json | undefined,
  tokens: readonly string[],
  depth: number,
  operation: JsonPatchOperation,
  copies: Copies,
): Json {
  const token = tokens[depth]
  if (token === undefined) return operation.value
  if (isJsonArray(node)) {
    const index = Number(token)
    if (!/^(?:0|[1-9]\d*)$/.test(token) || index >= node.length) throw failed(operation)
    const copy = copies.array(node)
    copy[index] = change(copy[index], tokens, depth + 1, operation, copies)
    return copy
  }
  if (!isJsonObject(node)) throw failed(operation)
  const present = Object.hasOwn(node, token)
  if (!present && (depth + 1 < tokens.length || operation.op === 'replace')) throw failed(operation)
  const copy = copies.object(node)
  setKey(copy, token, change(present ? copy[token] : undefined, tokens, depth + 1, operation, copies))
  return copy
}

function failed({ op, path }: JsonPatchOperation): VerifierError {
  return new VerifierError('VERIFIER_PATCH_FAILED', `failed to apply patch: ${op} ${path}: the path does not exist`)
}
