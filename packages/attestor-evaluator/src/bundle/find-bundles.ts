import { AttestorError } from '../attestor-error.ts'
import { MAX_BUNDLE_BYTES, MAX_PARALLEL_FETCHES, MAX_REFERRERS } from '../limits.ts'
import type { Descriptor, Digest } from '../ports.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import type { Bundle } from './bundle.ts'
import { BUNDLE_ARTIFACT_TYPE, bundleLayer } from './bundle-manifest.ts'
import { parseBundle } from './parse-bundle.ts'

/** One referrer: the bundle in it, or why there is none to be had. */
export type FoundBundle =
  | { readonly artifact: Digest; readonly bundle: Bundle }
  /** With how Kyverno begins its message about such a fault. */
  | { readonly artifact: Digest; readonly fault: unknown; readonly upstreamPrefix: string }

export interface FoundBundles {
  /** In the order of the registry; some are fetched ahead, and none more once the reader stops. */
  readonly bundles: AsyncIterable<FoundBundle>
  /** False when the registry did not show all of its referrers. */
  readonly complete: boolean
}

/**
 * The bundles that refer to an image.
 *
 * A referrer that is broken, foreign or gone is one of the results, never the end: whoever may push could otherwise
 * block an image that is signed well.
 *
 * @throws AttestorError ATTESTOR_LIMIT_EXCEEDED for more referrers than upstream looks at; what the source throws
 */
export async function findBundles(repository: string, digest: Digest, run: VerificationRun): Promise<FoundBundles> {
  const { descriptors, complete } = await run.source.listReferrers(repository, digest, run.signal)
  if (descriptors.length > MAX_REFERRERS) {
    throw new AttestorError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `the image has ${descriptors.length} referrers, at most ${MAX_REFERRERS} are looked at`,
      {
        upstreamText: `failed to fetch referrers: too many referrers found, max limit is ${MAX_REFERRERS}`,
      },
    )
  }
  // A referrer that does not say what it is may be a bundle; one that says it is something else is not looked at.
  const candidates = descriptors.filter(
    ({ artifactType }) => artifactType === undefined || artifactType.startsWith(BUNDLE_ARTIFACT_TYPE),
  )
  return { bundles: fetchInOrder(candidates, repository, digest, run), complete }
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
  let upstreamPrefix = 'failed to fetch referrer image: '
  try {
    const manifest = await run.source.fetchManifest(repository, artifact, run.signal)
    if ('notFound' in manifest) {
      throw new AttestorError('ATTESTOR_BUNDLE_INVALID', 'the referrer is listed and is not there', {
        upstreamText: manifest.upstreamText,
      })
    }
    upstreamPrefix = ''
    const layer = bundleLayer(manifest, digest)
    upstreamPrefix = 'failed to fetch referrer layer: '
    const bytes = await run.source.fetchBlob(repository, layer, MAX_BUNDLE_BYTES, run.signal)
    upstreamPrefix = 'failed to unmarshal bundle: '
    return { artifact, bundle: run.memo.once(`bundle ${layer.digest}`, () => parseBundle(bytes)) }
  } catch (fault) {
    run.signal.throwIfAborted()
    return { artifact, fault, upstreamPrefix }
  }
}
