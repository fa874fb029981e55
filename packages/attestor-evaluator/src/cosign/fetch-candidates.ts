import { CheckError, type Failure, failureOf, type Place, yieldIfDue } from '@verify-images/primitives'
import { MAX_PARALLEL_FETCHES, MAX_PAYLOAD_BYTES } from '../limits.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import type { SignatureLayer } from './signature-manifest.ts'

/** A layer with its content, which has not been parsed. */
export interface FetchedLayer {
  readonly layer: SignatureLayer
  readonly payload: Uint8Array
}

/** A layer, or the failure of fetching it. */
export type FetchedCandidate = FetchedLayer | { readonly failure: Failure }

export interface CandidateSource {
  readonly repository: string
  readonly place: Place
  /** The limit of one layer in bytes. */
  readonly maxPayloadBytes: number | undefined
}

/**
 * Fetches the candidates of a manifest, in its order. One that cannot be fetched does not hide the others.
 *
 * Some are fetched side by side, but never more bytes than one large payload has.
 */
export async function* fetchCandidates(
  layers: readonly SignatureLayer[],
  source: CandidateSource,
  run: VerificationRun,
): AsyncGenerator<FetchedCandidate> {
  for (let start = 0; start < layers.length;) {
    const batch = nextBatch(layers, start)
    start += batch.length
    yield* await Promise.all(batch.map(async (layer) => fetchCandidate(layer, source, run)))
  }
}

function nextBatch(layers: readonly SignatureLayer[], start: number): readonly SignatureLayer[] {
  let end = start
  for (let bytes = 0; end < Math.min(layers.length, start + MAX_PARALLEL_FETCHES); end++) {
    bytes += layers[end]?.descriptor.size ?? 0
    if (bytes > MAX_PAYLOAD_BYTES && end > start) break
  }
  return layers.slice(start, end)
}

async function fetchCandidate(
  layer: SignatureLayer,
  { repository, place, maxPayloadBytes: limit = MAX_PAYLOAD_BYTES }: CandidateSource,
  run: VerificationRun,
): Promise<FetchedCandidate> {
  const { descriptor } = layer
  try {
    if (descriptor.size > limit) {
      throw new CheckError(
        'ATTESTOR_LIMIT_EXCEEDED',
        `layer of the signature manifest: expected at most ${limit} bytes, got ${descriptor.size}`,
        { detail: { kind: 'attestor-layer-too-large', size: descriptor.size, limit } },
      )
    }
    const payload = await run.source.fetchBlob(repository, descriptor, limit, run.signal)
    await yieldIfDue(run.signal)
    return { layer, payload }
  } catch (error) {
    return { failure: failureOf(error, { ...place, candidate: descriptor.digest }, run.signal) }
  }
}
