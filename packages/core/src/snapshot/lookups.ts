import { createHash, createPublicKey } from 'node:crypto'
import type { KeyResolver } from '@verify-images/attestor-evaluator'
import { isJsonArray, isJsonObject, isObject, type Json, type JsonObject } from '@verify-images/primitives'
import type { ApiCall, KubernetesReader } from '../kubernetes.ts'
import { copyJson } from '../request/copy-json.ts'
import { VerifierError } from '../verifier-error.ts'

/** What an evaluation looked up beside registries, by question. An answer of undefined means that there is none. */
export type LookUps = Map<string, Json | undefined>

const objectKey = (kind: string, namespace: string | undefined, name: string): string =>
  JSON.stringify(['object', kind, namespace ?? null, name])
/** A call may have headers with tokens, so only its hash is written. */
const callKey = (call: ApiCall): string => `call ${createHash('sha256').update(JSON.stringify(call)).digest('hex')}`
const keyName = (source: unknown): string => `key ${JSON.stringify(source)}`

/** Returns a reader that records its answers, but nothing of a Secret, nor of an answer that has some. */
export function recordReader(reader: KubernetesReader, lookUps: LookUps): KubernetesReader {
  const { call, globalEntry, list } = reader
  const noted = async <T>(key: string, answer: Promise<T>, kept: (value: T) => unknown): Promise<T> => {
    const value = await answer
    const recorded = kept(value) === undefined ? undefined : copyJson(kept(value), 'a look-up')
    if (!holdsSecrets(recorded)) lookUps.set(key, recorded)
    return value
  }
  return {
    read: (kind, namespace, name, signal) =>
      noted(objectKey(kind, namespace, name), reader.read(kind, namespace, name, signal), (object) =>
        kind === 'Secret' ? object && { known: true } : object,
      ),
    ...(call && {
      call: async (request, signal) =>
        namesSecrets(request)
          ? call.call(reader, request, signal)
          : noted(callKey(request), call.call(reader, request, signal), (answer) => answer),
    }),
    ...(globalEntry && {
      globalEntry: async (name, signal) => {
        const [entry = ''] = name.split('.')
        // A projection does not tell what it is of.
        const isPublic = entry === name || !holdsSecrets(await wholeEntry(reader, entry, signal))
        return isPublic
          ? noted(`entry ${name}`, globalEntry.call(reader, name, signal), (answer) => answer)
          : globalEntry.call(reader, name, signal)
      },
    }),
    ...(list && {
      list: (kind, signal) => noted(`list ${kind}`, list.call(reader, kind, signal), (answer) => answer),
    }),
  }
}

/** Returns an entry as JSON, or something that counts as a Secret if it cannot be read. */
async function wholeEntry(reader: KubernetesReader, name: string, signal: AbortSignal): Promise<Json | undefined> {
  try {
    const found: unknown = await reader.globalEntry?.(name, signal)
    return found === undefined ? undefined : copyJson(found, 'a look-up')
  } catch {
    return { kind: 'Secret' }
  }
}

/** Returns whether there is a Secret in an answer. Those in a list of an API server do not say their kind. */
function holdsSecrets(value: Json | undefined): boolean {
  if (isJsonArray(value)) return value.some(holdsSecrets)
  if (!isJsonObject(value)) return false
  const { kind, type, data, stringData } = value
  if (kind === 'Secret' || kind === 'SecretList') return true
  if (kind === undefined && typeof type === 'string' && (isJsonObject(data) || isJsonObject(stringData))) return true
  return Object.values(value).some(holdsSecrets)
}

function namesSecrets(call: ApiCall): boolean {
  return call.target === 'kubernetes' && call.path.toLowerCase().includes('secret')
}

/**
 * Returns a resolver that records its keys. Public keys are no secrets, wherever they come from. What else is in their
 * place, such as a private key, is not kept.
 */
export function recordKeys(keys: KeyResolver, lookUps: LookUps): KeyResolver {
  return {
    resolveKey: async (source, signal) => {
      const pem = await keys.resolveKey(source, signal)
      const publicKey = publicPart(pem)
      if (publicKey !== undefined) lookUps.set(keyName(source), publicKey)
      return pem
    },
  }
}

function publicPart(pem: unknown): string | undefined {
  try {
    const blocks = typeof pem === 'string' ? pem.match(/-----BEGIN [^-]*-----[^-]*-----END [^-]*-----/g) : null
    // Made from a private key, it would be a key that the evaluation did not have.
    if (blocks?.length !== 1 || !blocks[0]?.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
    return createPublicKey(blocks[0]).export({ type: 'spki', format: 'pem' }).toString()
  } catch {
    return undefined
  }
}

/** Returns a reader of what was recorded. What was not looked up then cannot be read. */
export function replayReader(lookUps: LookUps): KubernetesReader {
  const answerTo = async (key: string): Promise<Json | undefined> => {
    if (!lookUps.has(key)) throw new Error('the snapshot has no answer to this look-up')
    return lookUps.get(key)
  }
  return {
    read: async (kind, namespace, name) => {
      const key = lookUps.get(keyName({ kind: 'kubernetes-secret', namespace, name }))
      if (kind === 'Secret' && typeof key === 'string') return { kind, stringData: { 'cosign.pub': key } }
      const object = await answerTo(objectKey(kind, namespace, name))
      if (!isJsonObject(object)) return undefined
      return kind === 'Secret' ? { kind } : object
    },
    call: async (request) => (await answerTo(callKey(request))) ?? null,
    globalEntry: (name) => answerTo(`entry ${name}`),
    list: async (kind) => {
      const found = await answerTo(`list ${kind}`).catch(() => undefined)
      return Array.isArray(found) ? found.filter((each): each is JsonObject => isJsonObject(each)) : undefined
    },
  }
}

export function replayKeys(lookUps: LookUps): KeyResolver {
  return {
    resolveKey: async (source) => {
      const pem = lookUps.get(keyName(source))
      if (typeof pem !== 'string') throw new Error('the snapshot does not have the key')
      return pem
    },
  }
}

/** @throws VerifierError VERIFIER_OPTIONS_INVALID */
export function decodeLookUps(value: unknown): LookUps {
  if (!Array.isArray(value)) throw invalidLookUps()
  return new Map(
    value.map((entry: unknown): readonly [string, Json | undefined] => {
      if (!isObject(entry) || typeof entry['key'] !== 'string') throw invalidLookUps()
      return [entry['key'], entry['value'] === undefined ? undefined : copyJson(entry['value'], 'a look-up')]
    }),
  )
}

function invalidLookUps(): VerifierError {
  return new VerifierError('VERIFIER_OPTIONS_INVALID', 'invalid snapshot: expected look-ups as they were recorded')
}
