import { CheckError, type Digest, during } from '@verify-images/primitives'
import { MAX_BUNDLE_BYTES, MAX_PARALLEL_FETCHES, MAX_REFERRERS } from '../limits.ts'
import type { Descriptor, ReferrerListing } from '../ports.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import type { Bundle } from './parse-bundle.ts'
import { BUNDLE_ARTIFACT_TYPE, bundleLayer, isBundleManifest, isUntyped } from './bundle-manifest.ts'

/** A bundle, with the digests of its referrer and of its bytes. */
export interface FetchedBundle {
  readonly artifact: Digest
  readonly bundle: Bundle
  readonly content: Digest
}

/** A referrer: its bundle, or the error of fetching or parsing it. */
export type FoundBundle = FetchedBundle | { readonly artifact: Digest; readonly error: unknown }

export interface FoundBundles {
  /** In the registry's order. Some are fetched ahead; no more are fetched once the consumer stops. */
  readonly bundles: AsyncIterable<FoundBundle>
  /** False when the registry did not list all referrers. */
  readonly complete: boolean
  /** Listed referrers beyond the limit, which are not read. */
  readonly unread: number
  readonly source: ReferrerListing['source']
}

/**
 * Fetches the bundles that refer to an image.
 *
 * A broken, foreign or missing referrer is one of the results and never ends the search: otherwise anyone who may push
 * could block a well-signed image.
 *
 * Of more than {@link MAX_REFERRERS} only those are read that the listing says can serve best. The author
 * of a referrer chose its listing entry, so the entry decides the order and nothing else.
 *
 * @param wanted whether a predicate type serves
 * @throws errors of the source
 */
export async function findBundles(
  repository: string,
  digest: Digest,
  wanted: (predicateType: string) => boolean,
  run: VerificationRun,
): Promise<FoundBundles> {
  const { descriptors, complete, source } = await run.source.listReferrers(repository, digest, run.signal)
  // A referrer without an artifact type may be a bundle; one of another type is skipped.
  const candidates = descriptors.filter(
    (descriptor) => isUntyped(descriptor) || descriptor.artifactType?.startsWith(BUNDLE_ARTIFACT_TYPE) === true,
  )
  const likely = candidates.map((candidate) => ({ candidate, rank: rankOf(candidate, wanted) }))
  const ordered = likely.toSorted((a, b) => a.rank - b.rank).map(({ candidate }) => candidate)
  // Within the limit all are read, so they stay in the registry's order.
  const chosen = candidates.length > MAX_REFERRERS ? ordered.slice(0, MAX_REFERRERS) : candidates
  const unread = candidates.length - chosen.length
  return { bundles: fetchInOrder(chosen, repository, digest, run), complete, source, unread }
}

/** What a parsed bundle takes in memory, as a multiple of its bytes: most of it are its certificates. */
const PARSED_SIZE = 10

/** What cosign writes on the manifest of a bundle. */
const PREDICATE_TYPE_ANNOTATION = 'dev.sigstore.bundle.predicateType'

/**
 * 0 if the listing says that the predicate type is wanted, 1 if it says none, 2 without artifact type, 3 for another
 * one.
 */
function rankOf(descriptor: Descriptor, wanted: (predicateType: string) => boolean): number {
  const { annotations = {} } = descriptor
  const type = Object.hasOwn(annotations, PREDICATE_TYPE_ANNOTATION)
    ? annotations[PREDICATE_TYPE_ANNOTATION]
    : undefined
  if (type !== undefined) return wanted(type) ? 0 : 3
  return isUntyped(descriptor) ? 2 : 1
}

async function* fetchInOrder(
  candidates: readonly Descriptor[],
  repository: string,
  digest: Digest,
  run: VerificationRun,
): AsyncGenerator<FoundBundle> {
  for (let start = 0; start < candidates.length; start += MAX_PARALLEL_FETCHES) {
    const batch = candidates.slice(start, start + MAX_PARALLEL_FETCHES)
    const found = await Promise.all(batch.map((candidate) => fetchLayer(candidate, repository, digest, run)))
    const layers = found.filter((layer) => layer !== undefined)
    for (const some of bySize(layers))
      yield* await Promise.all(some.map((layer) => fetchBundle(layer, repository, run)))
  }
}

/** A referrer: the layer that holds its bundle, or the error of its manifest. */
type FoundLayer =
  { readonly artifact: Digest; readonly layer: Descriptor } | { readonly artifact: Digest; readonly error: unknown }

/** Divides layers, in their order, into those that are fetched side by side: no more bytes than one bundle may have. */
function bySize(layers: readonly FoundLayer[]): readonly (readonly FoundLayer[])[] {
  const groups: FoundLayer[][] = []
  let bytes = Infinity
  for (const found of layers) {
    const size = 'layer' in found ? found.layer.size : 0
    bytes += size
    if (bytes > MAX_BUNDLE_BYTES) {
      groups.push([])
      bytes = size
    }
    groups.at(-1)?.push(found)
  }
  return groups
}

/** Returns undefined for a referrer that is not a bundle, and is not listed as one. */
async function fetchLayer(
  candidate: Descriptor,
  repository: string,
  digest: Digest,
  run: VerificationRun,
): Promise<FoundLayer | undefined> {
  const { digest: artifact } = candidate
  try {
    const manifest = await during({ kind: 'attestor-fetch-bundle', part: 'manifest' }, async () => {
      const found = await run.source.fetchManifest(repository, artifact, run.signal)
      if (!('notFound' in found)) return found
      // What is listed and not there may be the statement that says no.
      throw new CheckError('ATTESTOR_SOURCE_UNAVAILABLE', 'the registry lists the referrer but does not have it')
    })
    if (isUntyped(candidate) && !isBundleManifest(manifest)) return undefined
    return { artifact, layer: bundleLayer(manifest, digest) }
  } catch (error) {
    run.signal.throwIfAborted()
    return { artifact, error }
  }
}

async function fetchBundle(found: FoundLayer, repository: string, run: VerificationRun): Promise<FoundBundle> {
  if ('error' in found) return found
  const { artifact, layer } = found
  try {
    const bytes = await during({ kind: 'attestor-fetch-bundle', part: 'layer' }, () =>
      run.source.fetchBlob(repository, layer, MAX_BUNDLE_BYTES, run.signal),
    )
    // Loaded with the first bundle: it brings the definitions of Sigstore's protocol buffers.
    const { parseBundle } = await import('./parse-bundle.ts')
    const bundle = await during({ kind: 'attestor-fetch-bundle', part: 'content' }, () =>
      run.memo.always(`bundle ${layer.digest}`, PARSED_SIZE * bytes.length, () => parseBundle(bytes, run.signal)),
    )
    return { artifact, bundle, content: layer.digest }
  } catch (error) {
    run.signal.throwIfAborted()
    return { artifact, error }
  }
}
