import { CheckError, type Failure, failureOf, type Place } from '@verify-images/primitives'
import { MAX_PARALLEL_FETCHES, MAX_PAYLOAD_BYTES } from '../limits.ts'
import type { StoredManifest } from '../ports.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import { type Candidate, parseCandidate } from './candidate.ts'
import { parseSignatureManifest, type SignatureLayer } from './signature-manifest.ts'

/** A candidate, or the failure of fetching or parsing it. */
export type FetchedCandidate = { readonly candidate: Candidate } | { readonly failure: Failure }

/**
 * Fetches the candidates of a manifest, in its order. One that cannot be fetched or parsed does not hide the others.
 *
 * @throws CheckError when the manifest itself is malformed or exceeds a limit
 */
export async function fetchCandidates(
  repository: string,
  manifest: StoredManifest,
  place: Place,
  run: VerificationRun,
): Promise<readonly FetchedCandidate[]> {
  const { layers } = parseSignatureManifest(manifest)
  const fetched: FetchedCandidate[] = []
  for (let start = 0; start < layers.length; start += MAX_PARALLEL_FETCHES) {
    const batch = layers.slice(start, start + MAX_PARALLEL_FETCHES)
    fetched.push(...(await Promise.all(batch.map(async (layer) => fetchCandidate(repository, layer, place, run)))))
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
        `layer of the signature manifest: expected at most ${MAX_PAYLOAD_BYTES} bytes, got ${descriptor.size}`,
        {
          detail: { kind: 'attestor-layer-too-large', size: descriptor.size, limit: MAX_PAYLOAD_BYTES },
        },
      )
    }
    const payload = await run.source.fetchBlob(repository, descriptor, MAX_PAYLOAD_BYTES, run.signal)
    return { candidate: parseCandidate(layer, payload) }
  } catch (error) {
    return { failure: failureOf(error, { ...place, candidate: descriptor.digest }, run.signal) }
  }
}
