import { aPositiveInteger, anAbortSignal, anything, concurrentlyInOrder, linkSignals } from '@verify-images/primitives'
import type { OptionTable } from '@verify-images/primitives'
import { checkOptions } from '../check-options.ts'
import { LIMITS } from '../limits.ts'
import { resourceRequestOptions, type ResourceRequest } from '../request/admission-request.ts'
import type { Settings } from '../settings.ts'
import type { ImageVerdict, ResourceVerdict } from '../verdict/verdict.ts'
import { VerifierError } from '../verifier-error.ts'
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
  /** The item is no object, or one that cannot be evaluated. */
  | { readonly kind: 'invalid'; readonly index: number; readonly item: unknown; readonly error: VerifierError }

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
  try {
    if (typeof item === 'string')
      return {
        kind: 'image',
        index,
        image: item,
        verdict: await withSignal(imageRequest, signal, (own) => verifyImage(run, item, own)),
      }
    const object = Object(item)
    const own = typeof request === 'function' ? request(object, index) : (request ?? {})
    checkOptions(own, resourceRequestOptions)
    const verdict = await withSignal(own, signal, (linked) => verifyResource(run, item, linked))
    return { kind: 'object', index, object, verdict }
  } catch (error) {
    if (!(error instanceof VerifierError) || error.code !== 'VERIFIER_RESOURCE_INVALID') throw error
    return { kind: 'invalid', index, item, error }
  }
}

/** Ends an evaluation with the run, and with the signal of its own request. */
async function withSignal<R extends { readonly signal?: AbortSignal }, T>(
  request: R,
  signal: AbortSignal,
  work: (request: R) => Promise<T>,
): Promise<T> {
  if (request.signal === undefined) return work({ ...request, signal })
  const linked = linkSignals([signal, request.signal])
  try {
    return await work({ ...request, signal: linked.signal })
  } finally {
    linked.dispose()
  }
}
