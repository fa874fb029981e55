import { createRegistryCache } from '@verify-images/registry-fetcher'
import type { KeyResolver, TrustMaterialSource } from '@verify-images/attestor-evaluator'
import { LIMITS } from '../limits.ts'
import { createResultStore } from '../remembered-results.ts'
import type { Settings } from '../settings.ts'
import { readClock } from './evaluation.ts'

/**
 * Returns settings for the evaluations of one run: they have one clock reading, read each thing of a registry once,
 * resolve each key once, and load the trust root once. What failed is tried again by a later evaluation.
 *
 * @param signal ends the work that they share
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function settingsOfRun(settings: Settings, signal: AbortSignal): Settings {
  const now = readClock(settings)
  const readOnce = (): ReturnType<typeof createRegistryCache> =>
    createRegistryCache({
      maxBytes: LIMITS.cacheBytes / 2,
      maxTagAgeMs: Infinity,
      maxListingAgeMs: Infinity,
      maxFailureAgeMs: LIMITS.runFailureMs,
    })
  return {
    ...settings,
    clock: () => now,
    caches: { all: [readOnce(), ...settings.caches.all], ofNow: [readOnce(), ...settings.caches.ofNow] },
    results: settings.results ?? createResultStore(LIMITS.cacheBytes / 4),
    keys: settings.keys && resolveForAll(settings.keys, signal),
    trust: settings.trust && loadForAll(settings.trust, signal),
  }
}

function resolveForAll(keys: KeyResolver, signal: AbortSignal): KeyResolver {
  const once = unlessFailed<string>()
  return { resolveKey: (source) => once(JSON.stringify(source), () => keys.resolveKey(source, signal)) }
}

function loadForAll(trust: TrustMaterialSource, signal: AbortSignal): TrustMaterialSource {
  const once = unlessFailed<Awaited<ReturnType<TrustMaterialSource['load']>>>()
  return { load: () => once('', () => trust.load(signal)) }
}

/** Returns a function that shares the result for a key, and forgets a failure when it is known. */
function unlessFailed<T>(): (key: string, make: () => Promise<T>) => Promise<T> {
  const results = new Map<string, Promise<T>>()
  return (key, make) => {
    const known = results.get(key)
    if (known !== undefined) return known
    // An adapter may throw instead of rejecting.
    const made = Promise.resolve().then(make)
    results.set(key, made)
    made.catch(() => results.delete(key))
    return made
  }
}
