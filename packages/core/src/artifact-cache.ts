import { aDuration, aSize, type OptionTable, withMethods } from '@verify-images/primitives'
import { createRegistryCache, type RegistryCache, type SharedContent } from '@verify-images/registry-fetcher'
import { checkOptions } from './verifier-error.ts'
import { LIMITS } from './limits.ts'
import { createResultStore, type ResultStore } from './remembered-results.ts'

export interface ArtifactCacheOptions {
  /** Bytes of everything that is kept; the least recently used is dropped first. Default: 64 MiB. */
  readonly maxBytes?: number
  /** Milliseconds for which it is believed what a tag points to, and that an image exists. Default: 0. */
  readonly maxTagAgeMs?: number
  /** Milliseconds for which it is believed which signatures an image has, or that it has none. Default: 0. */
  readonly maxListingAgeMs?: number
  /** Blobs that several processes share: `redisContent(…)`. Default: none. */
  readonly shared?: SharedContent
}

/**
 * Keeps what evaluations read and verified, in the memory of the process. Several verifiers may share one.
 *
 * Never kept are verdicts, keys, trust roots, and whether a certificate is revoked or valid now: what is kept is what a
 * registry answered to one credential, and results of public-key operations over given bytes.
 */
export interface ArtifactCache {
  /** Bytes that are kept. */
  readonly bytes: number
  /** Drops everything. */
  clear(): void
  /** The answers of registries. */
  readonly registry: RegistryCache
  /** The results of verifications. */
  readonly results: ResultStore
}

const artifactCacheOptions: OptionTable<ArtifactCacheOptions> = {
  maxBytes: aSize,
  maxTagAgeMs: aDuration,
  maxListingAgeMs: aDuration,
  shared: withMethods('shared content', 'get', 'set'),
}

/**
 * Creates a cache for `createImageVerifier({ cache })`. Without ages, only what cannot change is kept: the bytes that a
 * digest names.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 * @example
 * const cache = createArtifactCache({ maxTagAgeMs: 10_000, maxListingAgeMs: 10_000 })
 * const verifier = createImageVerifier({ policies, cache })
 */
export function createArtifactCache(options: ArtifactCacheOptions = {}): ArtifactCache {
  checkOptions(options, artifactCacheOptions)
  const { maxBytes = LIMITS.cacheBytes, ...rest } = options
  const forResults = Math.ceil(maxBytes / 4)
  const registry = createRegistryCache({ ...rest, maxBytes: Math.max(1, maxBytes - forResults) })
  const results = createResultStore(forResults)
  return {
    get bytes() {
      return registry.bytes + results.bytes
    },
    clear: () => {
      registry.clear()
      results.clear()
    },
    registry,
    results,
  }
}
