import { createHash } from 'node:crypto'
import { createExpressionCache, type EngineOptions } from '@verify-images/condition-engine'
import {
  CheckError,
  countPayloadTokens,
  isJsonArray,
  isJsonObject,
  type Json,
  parseCountedPayload,
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
      readonly payload: Uint8Array
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
      readonly payload: Uint8Array
      readonly part: PredicatePart
      readonly what: string
      /** What the evaluation has left. A payload of more tokens is counted, and not parsed. */
      readonly maxTokens: number
    }
  | { readonly kind: 'ask'; readonly work: AttestedWork<SentPredicate>; readonly engine: SentEngine }

/** A parsed payload without its predicate. */
export type ReadPayload =
  | { readonly kind: 'counted'; readonly tokens: number }
  | {
      readonly kind: 'refused'
      readonly tokens: number
      readonly code: 'ATTESTOR_PAYLOAD_INVALID' | 'ATTESTOR_LIMIT_EXCEEDED'
      readonly message: string
    }
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

/** Reads a payload. Refused ones are a result, because an error loses its class between threads. */
export function readPayload(task: Extract<PredicateTask, { kind: 'read' }>): ReadPayload {
  const { payload, what, maxTokens } = task
  let tokens = 0
  try {
    tokens = countPayloadTokens(payload, what)
    return tokens > maxTokens ? { kind: 'counted', tokens } : readCounted(task, tokens)
  } catch (error) {
    if (!(error instanceof CheckError) || error.code !== 'ATTESTOR_PAYLOAD_INVALID') throw error
    return { kind: 'refused', tokens, code: error.code, message: error.message }
  }
}

function readCounted({ payload, part, what }: Extract<PredicateTask, { kind: 'read' }>, tokens: number): ReadPayload {
  const document = parseCountedPayload(payload, what)
  const predicate = predicateOf(document, part)
  const rest = withoutPredicate(document, part)
  const { length } = JSON.stringify(rest)
  if (length > LIMITS.statementCharacters)
    return {
      kind: 'refused',
      tokens,
      code: 'ATTESTOR_LIMIT_EXCEEDED',
      message:
        `${what}: expected at most ${String(LIMITS.statementCharacters)} characters beside its predicate, got ` +
        `${String(length)}`,
    }
  const fingerprint = `${part} sha256:${createHash('sha256').update(payload).digest('hex')}`
  keep(fingerprint, predicate)
  return { kind: 'read', tokens, document: rest, fingerprint, isObject: isJsonObject(predicate) }
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
    { ...engine, now: () => engine.now, expressions, budget: { steps: LIMITS.stepsThere } },
  )
}

const expressions = createExpressionCache()

function received(sent: SentPredicate): Json {
  if (sent.kind === 'json') return sent.json
  const known = parsed.get(sent.fingerprint)
  if (known !== undefined) return known
  const predicate = predicateOf(parseCountedPayload(sent.payload, 'the predicate'), sent.part)
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

/** Returns an empty value of the same type: the callers of a reader look at the type only. */
function emptyLike(value: Json): Json {
  if (isJsonObject(value)) return {}
  if (isJsonArray(value)) return []
  return typeof value === 'string' ? '' : value
}
