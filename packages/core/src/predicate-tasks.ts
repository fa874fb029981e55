import { createHash } from 'node:crypto'
import { createExpressionCache, type EngineOptions } from '@verify-images/condition-engine'
import {
  CheckError,
  checkJsonShape,
  isJsonArray,
  isJsonObject,
  type Json,
  parseVerifiedPayload,
  predicateOf,
  type PredicatePart,
} from '@verify-images/primitives'
import { type AttestedWork, type Pass, performAttested } from './engine/context/attested-work.ts'
import { LIMITS } from './limits.ts'

/** A predicate on its way to the worker. */
export type SentPredicate =
  | { readonly kind: 'json'; readonly json: Json }
  | {
      readonly kind: 'bytes'
      readonly payload: SharedArrayBuffer
      readonly part: PredicatePart
      readonly fingerprint: string
    }

export type SentEngine = Pick<EngineOptions, 'defaultRegistry' | 'enableDefaultRegistryMutation'> & {
  readonly now: Date
}

/** What the worker is asked. Everything in it is plain data. */
export type PredicateTask =
  | {
      readonly kind: 'read'
      readonly payload: SharedArrayBuffer
      readonly part: PredicatePart
      readonly what: string
      /** What the evaluation has left. A payload of more tokens is counted, and not parsed. */
      readonly maxTokens: number
    }
  | { readonly kind: 'ask'; readonly work: AttestedWork<SentPredicate>; readonly engine: SentEngine }

/** What a payload is, without its predicate. */
export type ReadPayload =
  | { readonly kind: 'counted'; readonly tokens: number }
  | { readonly kind: 'invalid'; readonly tokens: number; readonly message: string }
  | {
      readonly kind: 'read'
      readonly tokens: number
      /** The payload with an empty value of the same type in place of its predicate. */
      readonly document: Json
      readonly fingerprint: string
      readonly isObject: boolean
    }

/** The predicates that were parsed last: those of one image are asked about one after the other. */
const parsed = new Map<string, Json>()

/** Reads a payload. Invalid ones are a result, because an error loses its class between threads. */
export function readPayload({ payload, part, what, maxTokens }: Extract<PredicateTask, { kind: 'read' }>): ReadPayload {
  // A copy, because text decoders refuse shared memory.
  const bytes = Uint8Array.from(new Uint8Array(payload))
  const tokens = checkJsonShape(bytes, { maxTokens: Infinity, maxDepth: Infinity })
  if (tokens > maxTokens) return { kind: 'counted', tokens }
  let document: Json
  try {
    document = parseVerifiedPayload(bytes, what, maxTokens)
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    return { kind: 'invalid', tokens, message: error.message }
  }
  const fingerprint = `${part} sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const predicate = predicateOf(document, part)
  keep(fingerprint, predicate)
  return {
    kind: 'read',
    tokens,
    document: withoutPredicate(document, part),
    fingerprint,
    isObject: isJsonObject(predicate),
  }
}

/** Does one evaluation over predicates, which are parsed again if they are not among the last. */
export function askPredicates({ work, engine }: Extract<PredicateTask, { kind: 'ask' }>): Pass {
  const { own, named, ...data } = work.data
  return performAttested(
    {
      ...work,
      data: {
        ...data,
        ...(own === undefined ? {} : { own: received(own) }),
        named: named.map(([name, predicate]) => [name, received(predicate)]),
      },
    },
    { ...engine, now: () => engine.now, expressions },
  )
}

const expressions = createExpressionCache()

function received(sent: SentPredicate): Json {
  if (sent.kind === 'json') return sent.json
  const known = parsed.get(sent.fingerprint)
  if (known !== undefined) return known
  const document = parseVerifiedPayload(Uint8Array.from(new Uint8Array(sent.payload)), 'the predicate', Infinity)
  const predicate = predicateOf(document, sent.part)
  keep(sent.fingerprint, predicate)
  return predicate
}

function keep(fingerprint: string, predicate: Json): void {
  parsed.delete(fingerprint)
  parsed.set(fingerprint, predicate)
  const [oldest] = parsed.keys()
  if (parsed.size > LIMITS.keptPredicates && oldest !== undefined) parsed.delete(oldest)
}

function withoutPredicate(document: Json, part: PredicatePart): Json {
  if (part === 'whole') return emptyLike(document)
  return isJsonObject(document) && Object.hasOwn(document, 'predicate')
    ? { ...document, predicate: emptyLike(document['predicate'] ?? null) }
    : document
}

/** The callers of a reader tell types apart, nothing more. */
function emptyLike(value: Json): Json {
  if (isJsonObject(value)) return {}
  if (isJsonArray(value)) return []
  return typeof value === 'string' ? '' : value
}
