import type { EngineOptions } from '@verify-images/condition-engine'
import {
  CheckError,
  countPayloadTokens,
  type EvaluationBudget,
  HeldPredicate,
  parseCountedPayload,
  type PayloadReader,
  type Predicate,
  predicateOf,
  type PredicatePart,
  type VerifiedPayload,
  yieldIfDue,
} from '@verify-images/primitives'
import type { Tinypool } from 'tinypool'
import type { AttestedWork, Pass } from './engine/context/attested-work.ts'
import type { WorkAway } from './engine/context/lazy-context.ts'
import { LIMITS } from './limits.ts'
import type { PredicateTask, ReadPayload, SentPredicate } from './predicate-tasks.ts'

/** What one evaluation reads and asks large predicates with. */
export interface LargePredicates {
  readonly payloads: PayloadReader
  readonly workAway: WorkAway
}

export interface LargePredicateOptions {
  /** Payloads of as many bytes are parsed in the worker. */
  readonly workerBytes: number
  readonly budget: EvaluationBudget
  /** The limit of that budget. */
  readonly maxTokens: number
  readonly engine: EngineOptions
  readonly now: Date
  readonly signal: AbortSignal
}

/**
 * Returns the reader of payloads for one evaluation. Small payloads are parsed here; large ones in a worker thread,
 * because parsing one of 64 MB would block the event loop for seconds, and copying the parsed objects back would block
 * it for longer.
 */
export function largePredicates(options: LargePredicateOptions): LargePredicates {
  const { engine, now, signal } = options
  const { defaultRegistry, enableDefaultRegistryMutation } = engine
  return {
    payloads: {
      read: async (payload, part, what) =>
        (await readHere(payload, part, what, options)) ?? (await readThere(payload, part, what, options)),
    },
    workAway: (work) =>
      run<Pass>(
        { kind: 'ask', work: sendable(work), engine: { defaultRegistry, enableDefaultRegistryMutation, now } },
        signal,
      ),
  }
}

/** Returns undefined for a payload that would block the event loop. */
async function readHere(
  payload: Uint8Array,
  part: PredicatePart,
  what: string,
  { workerBytes, budget, signal }: LargePredicateOptions,
): Promise<VerifiedPayload | undefined> {
  if (payload.length >= workerBytes) return undefined
  await yieldIfDue(signal)
  const tokens = countPayloadTokens(payload, what)
  if (tokens > LIMITS.tokensHere) return undefined
  budget.spend('tokens', tokens, what)
  const document = parseCountedPayload(payload, what)
  return { document, predicate: predicateOf(document, part) }
}

async function readThere(
  payload: Uint8Array,
  part: PredicatePart,
  what: string,
  { budget, maxTokens, signal }: LargePredicateOptions,
): Promise<VerifiedPayload> {
  const shared = await shareBytes(payload, signal)
  const left = Math.max(0, maxTokens - budget.spent().tokens)
  const task: PredicateTask = { kind: 'read', payload: shared, part, what, maxTokens: left }
  const read = await run<ReadPayload>(task, signal)
  budget.spend('tokens', read.tokens, what)
  if (read.kind === 'refused') throw new CheckError(read.code, read.message)
  if (read.kind === 'counted') throw new TypeError('a payload within the budget was not parsed')
  return { document: read.document, predicate: new HeldPredicate(shared, { ...read, part }) }
}

/** Bytes that are copied between two looks at the clock. */
const COPIED_BYTES = 256 * 1024

/**
 * Returns a payload in memory that the worker can read. Those of large envelopes have been decoded into such memory.
 */
async function shareBytes(payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  if (payload.buffer instanceof SharedArrayBuffer) return payload
  const shared = new Uint8Array(new SharedArrayBuffer(payload.length))
  for (let start = 0; start < payload.length; start += COPIED_BYTES) {
    await yieldIfDue(signal)
    shared.set(payload.subarray(start, start + COPIED_BYTES), start)
  }
  return shared
}

function sendable({ data: { own, named, ...data }, ...work }: AttestedWork<Predicate>): AttestedWork<SentPredicate> {
  return {
    ...work,
    data: {
      ...data,
      ...(own === undefined ? {} : { own: sent(own) }),
      named: named.map(([name, predicate]) => [name, sent(predicate)]),
    },
  }
}

function sent(predicate: Predicate): SentPredicate {
  if (!(predicate instanceof HeldPredicate)) return { kind: 'json', json: predicate }
  const { payload, part, fingerprint } = predicate
  return { kind: 'bytes', payload, part, fingerprint }
}

const isSource = import.meta.url.endsWith('.ts')

let pool: Tinypool | undefined

/**
 * Returns the pool of this process, which starts its one thread with its first task and ends it when that has been
 * idle.
 */
async function openPool(): Promise<Tinypool> {
  const { Tinypool } = await import('tinypool')
  // Another task may have opened it meanwhile.
  if (pool !== undefined) return pool
  pool = new Tinypool({
    filename: new URL(isSource ? './predicate-worker.ts' : './predicate-worker.js', import.meta.url).href,
    execArgv: isSource ? ['--conditions=@verify-images/source', '--no-warnings'] : [],
    env: {},
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: LIMITS.workerIdleMs,
    resourceLimits: { maxOldGenerationSizeMb: LIMITS.workerMegabytes },
  })
  // A worker that fails between tasks is replaced with the next one; without a listener the process would end.
  pool.on('error', () => undefined)
  return pool
}

/**
 * Runs a task in the worker. An abort ends the thread, and the next task starts another.
 *
 * @throws CheckError ATTESTOR_BUDGET_EXCEEDED if the thread runs out of memory; the reason of the signal
 */
async function run<Result>(task: PredicateTask, signal: AbortSignal): Promise<Result> {
  try {
    const result: Result = await (await openPool()).run(task, { name: 'work', signal })
    return result
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      throw new CheckError(
        'ATTESTOR_BUDGET_EXCEEDED',
        `a predicate needs more than the ${String(LIMITS.workerMegabytes)} MB of memory of the worker`,
      )
    throw error
  }
}

/** Returns how many threads are running, for tests and benchmarks. */
export function predicateThreads(): number {
  return pool?.threads.length ?? 0
}
