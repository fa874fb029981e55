import { CheckError, type Digest, during, duringSync } from '@verify-images/primitives'
import { MAX_BUNDLE_BYTES, MAX_PARALLEL_FETCHES, MAX_REFERRERS } from '../limits.ts'
import type { Descriptor, ReferrerListing } from '../ports.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import type { Bundle } from './parse-bundle.ts'
import { BUNDLE_ARTIFACT_TYPE, bundleLayer } from './bundle-manifest.ts'
import { parseBundle } from './parse-bundle.ts'

/** A referrer: its bundle, or the error of fetching or parsing it. */
export type FoundBundle =
  { readonly artifact: Digest; readonly bundle: Bundle } | { readonly artifact: Digest; readonly error: unknown }

export interface FoundBundles {
  /** In the registry's order. Some are fetched ahead; no more are fetched once the consumer stops. */
  readonly bundles: AsyncIterable<FoundBundle>
  /** False when the registry did not list all referrers. */
  readonly complete: boolean
  readonly source: ReferrerListing['source']
}

/**
 * Fetches the bundles that refer to an image.
 *
 * A broken, foreign or missing referrer is one of the results and never ends the search: otherwise anyone who may push
 * could block a well-signed image.
 *
 * @throws CheckError ATTESTOR_LIMIT_EXCEEDED for more referrers than Kyverno accepts; errors of the source
 */
export async function findBundles(repository: string, digest: Digest, run: VerificationRun): Promise<FoundBundles> {
  const { descriptors, complete, source } = await run.source.listReferrers(repository, digest, run.signal)
  if (descriptors.length > MAX_REFERRERS) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `referrers of the image: expected at most ${MAX_REFERRERS}, got ${descriptors.length}`,
    )
  }
  // A referrer without an artifact type may be a bundle; one of another type is skipped.
  const candidates = descriptors.filter(
    ({ artifactType }) => artifactType === undefined || artifactType.startsWith(BUNDLE_ARTIFACT_TYPE),
  )
  return { bundles: fetchInOrder(candidates, repository, digest, run), complete, source }
}

async function* fetchInOrder(
  candidates: readonly Descriptor[],
  repository: string,
  digest: Digest,
  run: VerificationRun,
): AsyncGenerator<FoundBundle> {
  for (let start = 0; start < candidates.length; start += MAX_PARALLEL_FETCHES) {
    const batch = candidates.slice(start, start + MAX_PARALLEL_FETCHES)
    yield* await Promise.all(batch.map((candidate) => fetchBundle(candidate.digest, repository, digest, run)))
  }
}

async function fetchBundle(
  artifact: Digest,
  repository: string,
  digest: Digest,
  run: VerificationRun,
): Promise<FoundBundle> {
  try {
    const manifest = await during({ kind: 'attestor-fetch-bundle', part: 'manifest' }, async () => {
      const found = await run.source.fetchManifest(repository, artifact, run.signal)
      if (!('notFound' in found)) return found
      throw new CheckError('ATTESTOR_BUNDLE_INVALID', 'the registry lists the referrer but does not have it')
    })
    const layer = bundleLayer(manifest, digest)
    const bytes = await during({ kind: 'attestor-fetch-bundle', part: 'layer' }, () =>
      run.source.fetchBlob(repository, layer, MAX_BUNDLE_BYTES, run.signal),
    )
    const bundle = duringSync({ kind: 'attestor-fetch-bundle', part: 'content' }, () =>
      run.memo.once(`bundle ${layer.digest}`, () => parseBundle(bytes)),
    )
    return { artifact, bundle }
  } catch (error) {
    run.signal.throwIfAborted()
    return { artifact, error }
  }
}
