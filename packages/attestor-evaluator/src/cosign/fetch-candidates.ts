import { CheckError, type Failure, failureOf, type Place } from '@verify-images/primitives'
import { MAX_PARALLEL_FETCHES, MAX_PAYLOAD_BYTES } from '../limits.ts'
import type { StoredManifest } from '../ports.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import { type Candidate, readCandidate } from './candidate.ts'
import { readSignatureManifest, type SignatureLayer } from './signature-manifest.ts'

/** A candidate, or why it could not be read. */
export type FetchedCandidate = { readonly candidate: Candidate } | { readonly failure: Failure }

/**
 * Everything a signature manifest lists, payloads included, in its order.
 *
 * One that cannot be read does not hide the others.
 *
 * @throws CheckError when the manifest itself is malformed or over a limit
 */
export async function fetchCandidates(
  repository: string,
  manifest: StoredManifest,
  place: Place,
  run: VerificationRun,
): Promise<readonly FetchedCandidate[]> {
  const layers = readSignatureManifest(manifest)
  const fetched: FetchedCandidate[] = []
  for (let start = 0; start < layers.length; start += MAX_PARALLEL_FETCHES) {
    const some = layers.slice(start, start + MAX_PARALLEL_FETCHES)
    fetched.push(...(await Promise.all(some.map(async (layer) => fetchCandidate(repository, layer, place, run)))))
  }
  return fetched
}

async function fetchCandidate(
  repository: string,
  layer: SignatureLayer,
  place: Place,
  run: VerificationRun,
): Promise<FetchedCandidate> {
  const { descriptor } = layer
  try {
    if (descriptor.size > MAX_PAYLOAD_BYTES) {
      throw new CheckError(
        'ATTESTOR_LIMIT_EXCEEDED',
        `a payload of ${descriptor.size} bytes is over the limit of ${MAX_PAYLOAD_BYTES}`,
        {
          detail: { kind: 'attestor-layer-too-large', size: descriptor.size, limit: MAX_PAYLOAD_BYTES },
        },
      )
    }
    const payload = await run.source.fetchBlob(repository, descriptor, MAX_PAYLOAD_BYTES, run.signal)
    return { candidate: readCandidate(layer, payload) }
  } catch (error) {
    return { failure: failureOf(error, { ...place, candidate: descriptor.digest }, run.signal) }
  }
}
