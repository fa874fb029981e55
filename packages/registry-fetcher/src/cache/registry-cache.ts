import { aDuration, aSize, withMethods } from '@verify-images/primitives'
import type { ManifestNotFound, OptionTable, StoredManifest } from '@verify-images/primitives'
import { checkOptions } from '../check-options.ts'
import { CACHED_DESCRIPTOR_BYTES, DEFAULT_CACHE_BYTES } from '../limits.ts'
import type { ApiListing } from '../list-referrers.ts'
import { createKeptReads, type KeptReads } from './kept-reads.ts'
import { createSharedBlobs, type SharedBlobs, type SharedContent } from './shared-blobs.ts'
import { currentMoment, type Moment } from './moment.ts'

export interface RegistryCacheOptions {
  /** Bytes of everything that is kept; the least recently used is dropped first. Default: 64 MiB. */
  readonly maxBytes?: number
  /** How long it is believed what a tag points to, and that a manifest exists. Default: 0, never. */
  readonly maxTagAgeMs?: number
  /**
   * How long the signatures and referrers of an image, or their absence, are kept. Default: 0, never.
   */
  readonly maxListingAgeMs?: number
  /** How long a request that failed is not repeated. Default: 0, it is repeated. */
  readonly maxFailureAgeMs?: number
  /** Asked for blobs that are not kept. Default: none. */
  readonly shared?: SharedContent
}

/**
 * Keeps what sessions read, in the memory of the process. Sessions that are opened with it ask and fill it.
 *
 * The keys name the client, the registry, the repository, the credential, and whether plain HTTP is allowed: what one
 * credential has read is not visible to another.
 */
export interface RegistryCache {
  /** Bytes that are kept. */
  readonly bytes: number
  /** Drops everything. */
  clear(): void
  readonly manifests: Pick<KeptReads<StoredManifest | ManifestNotFound>, 'read'>
  readonly listings: Pick<KeptReads<ApiListing>, 'read'>
  readonly blobs: Pick<KeptReads<Uint8Array>, 'read'>
  readonly shared: SharedBlobs | undefined
  /** Returns how long the manifest at a tag or digest is believed. */
  ageOf(reference: string): number
  readonly listingAgeMs: number
}

const cacheOptions: OptionTable<RegistryCacheOptions> = {
  maxBytes: aSize,
  maxTagAgeMs: aDuration,
  maxListingAgeMs: aDuration,
  maxFailureAgeMs: aDuration,
  shared: withMethods('shared content', 'get', 'set'),
}

/**
 * Creates a cache, for the sessions of one or several clients.
 *
 * @param now for tests
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 * @example
 * const cache = createRegistryCache({ maxTagAgeMs: 10_000, maxListingAgeMs: 10_000 })
 * const session = client.openSession({ caches: [cache] })
 */
export function createRegistryCache(
  options: RegistryCacheOptions = {},
  now: () => Moment = currentMoment,
): RegistryCache {
  checkOptions(options, cacheOptions)
  const { maxBytes = DEFAULT_CACHE_BYTES, maxTagAgeMs = 0, maxListingAgeMs = 0, maxFailureAgeMs = 0 } = options
  // A few large attestations cannot push out the manifests, and nothing takes more than half of its part.
  const part = (share: number): { readonly maxBytes: number; readonly maxItemBytes: number } => ({
    maxBytes: Math.ceil(maxBytes * share),
    maxItemBytes: Math.ceil((maxBytes * share) / 2),
  })
  const manifests = createKeptReads<StoredManifest | ManifestNotFound>({
    ...part(1 / 2),
    maxFailureAgeMs,
    now,
    sizeOf: (manifest) => ('notFound' in manifest ? 0 : manifest.bytes.length),
  })
  const listings = createKeptReads<ApiListing>({
    ...part(1 / 8),
    maxFailureAgeMs,
    now,
    sizeOf: (listing) => (listing?.descriptors.length ?? 0) * CACHED_DESCRIPTOR_BYTES,
  })
  const blobs = createKeptReads<Uint8Array>({ ...part(3 / 8), maxFailureAgeMs, now, sizeOf: ({ length }) => length })
  const parts = [manifests, listings, blobs]
  return {
    get bytes() {
      return parts.reduce((sum, { bytes }) => sum + bytes, 0)
    },
    clear: () => parts.forEach((each) => each.clear()),
    manifests,
    listings,
    blobs,
    shared: options.shared && createSharedBlobs(options.shared),
    ageOf: (reference) => (listsSignatures(reference) ? maxListingAgeMs : maxTagAgeMs),
    listingAgeMs: maxListingAgeMs,
  }
}

/**
 * Returns whether a tag lists the signatures, attestations or referrers of an image: `sha256-<hex>`, with `.sig` and
 * others.
 */
function listsSignatures(reference: string): boolean {
  return /^sha(?:256|384|512)-[0-9a-f]{64,}(?:\.[a-z]+)?$/.test(reference)
}
