import { aPositiveInteger, anAbortSignal, anything, concurrentlyInOrder, linkSignals } from '@verify-images/primitives'
import type { OptionTable } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { resourceRequestOptions, type ResourceRequest } from '../request/admission-request.ts'
import type { Settings } from '../settings.ts'
import type { ImageVerdict, ResourceVerdict } from '../verdict/verdict.ts'
import { checkOptions, VerifierError } from '../verifier-error.ts'
import { settingsOfRun } from './run.ts'
import { verifyImage, type ImageRequest } from './verify-image.ts'
import { verifyResource } from './verify-resource.ts'

export interface VerifyAllOptions {
  /** The request for each object; without a `deadlineMs`, each object has that of the verifier. */
  readonly request?: ResourceRequest | ((object: object, index: number) => ResourceRequest)
  /** The request for each image. */
  readonly imageRequest?: ImageRequest
  /** Objects that are evaluated at the same time. Default: 8. */
  readonly concurrency?: number
  /** Ends the run. */
  readonly signal?: AbortSignal
}

/** The result for one item of a run; `index` counts from 0. */
export type RunResult =
  | { readonly kind: 'object'; readonly index: number; readonly object: object; readonly verdict: ResourceVerdict }
  | { readonly kind: 'image'; readonly index: number; readonly image: string; readonly verdict: ImageVerdict }
  /** The item is not an object, or cannot be evaluated. */
  | { readonly kind: 'invalid'; readonly index: number; readonly item: unknown; readonly error: VerifierError }
  /** The signal of its own request was aborted. */
  | { readonly kind: 'aborted'; readonly index: number; readonly item: unknown; readonly reason: unknown }

const verifyAllOptions: OptionTable<VerifyAllOptions> = {
  request: anything,
  imageRequest: anything,
  concurrency: aPositiveInteger,
  signal: anAbortSignal,
}

/**
 * Verifies objects, and images given by their references, in one run: with one clock reading, and with one look at each
 * tag, signature and key. Yields the results in the order of the items, and keeps neither.
 *
 * Each item has its own deadline and its own budget. An item that is not valid does not end the run.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID; the reason of the signal once it is aborted
 */
export async function* verifyAll(
  settings: Settings,
  items: Iterable<object | string> | AsyncIterable<object | string>,
  options: VerifyAllOptions,
): AsyncGenerator<RunResult, void, undefined> {
  checkOptions(options, verifyAllOptions)
  const { concurrency = LIMITS.objectsAtOnce, signal: caller } = options
  const end = linkSignals(caller === undefined ? [] : [caller])
  const run = settingsOfRun(settings, end.signal)
  const order = { atOnce: concurrency, ahead: concurrency * LIMITS.objectsAhead }
  try {
    yield* concurrentlyInOrder(numbered(items), order, (item) => {
      caller?.throwIfAborted()
      return verifyItem(run, item, options, end.signal)
    })
  } finally {
    end.abort(new DOMException('The run has ended', 'AbortError'))
    end.dispose()
  }
}

interface Item {
  readonly index: number
  readonly item: unknown
}

async function* numbered(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Item> {
  let index = 0
  for await (const item of items) yield { index: index++, item }
}

async function verifyItem(
  run: Settings,
  { index, item }: Item,
  { request, imageRequest = {} }: VerifyAllOptions,
  signal: AbortSignal,
): Promise<RunResult> {
  const object = Object(item)
  const own = typeof item === 'string' ? imageRequest : requestFor(request, object, index)
  try {
    return await withSignal(own.signal, signal, async (linked): Promise<RunResult> => {
      if (typeof item === 'string')
        return { kind: 'image', index, image: item, verdict: await verifyImage(run, item, { ...own, signal: linked }) }
      return { kind: 'object', index, object, verdict: await verifyResource(run, item, { ...own, signal: linked }) }
    })
  } catch (error) {
    if (error instanceof VerifierError && error.code === 'VERIFIER_RESOURCE_INVALID')
      return { kind: 'invalid', index, item, error }
    if (own.signal?.aborted === true && !signal.aborted)
      return { kind: 'aborted', index, item, reason: own.signal.reason }
    throw error
  }
}

/** @throws VerifierError VERIFIER_OPTIONS_INVALID */
function requestFor(request: VerifyAllOptions['request'] = {}, object: object, index: number): ResourceRequest {
  const own = typeof request === 'function' ? request(object, index) : request
  checkOptions(own, resourceRequestOptions)
  return own
}

/** Runs work until the run ends, or until the signal of its own request is aborted. */
async function withSignal<T>(
  own: AbortSignal | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (own === undefined) return work(signal)
  // The evaluation refuses an invalid signal.
  if (!(own instanceof AbortSignal)) return work(own)
  const linked = linkSignals([signal, own])
  try {
    return await work(linked.signal)
  } finally {
    linked.dispose()
  }
}
