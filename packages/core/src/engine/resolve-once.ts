import type { KeyResolver, TrustMaterialSource } from '@verify-images/attestor-evaluator'

/**
 * Wraps a key resolver so that an evaluation resolves each key once: all images are verified with the same key. The
 * signal is that of the evaluation.
 */
export function resolveOnce(keys: KeyResolver, signal: AbortSignal): KeyResolver {
  const resolved = new Map<string, Promise<string>>()
  return {
    resolveKey: (source) => {
      const name = JSON.stringify(source)
      // A resolver that throws instead of rejecting is remembered, too.
      const key = resolved.get(name) ?? Promise.resolve().then(() => keys.resolveKey(source, signal))
      resolved.set(name, key)
      return key
    },
  }
}

/** Wraps a trust source so that an evaluation loads the trust root once. */
export function loadOnce(trust: TrustMaterialSource, signal: AbortSignal): TrustMaterialSource {
  let loaded: ReturnType<TrustMaterialSource['load']> | undefined
  return { load: () => (loaded ??= Promise.resolve().then(() => trust.load(signal))) }
}
