import type { KeyResolver, TrustMaterialSource } from '@verify-images/attestor-evaluator'

/**
 * What one evaluation asks of a key resolver: once for each key, for however many images, so that all are held against the
 * same one. The signal is that of the evaluation.
 */
export function resolveOnce(keys: KeyResolver, signal: AbortSignal): KeyResolver {
  const resolved = new Map<string, Promise<string>>()
  return {
    resolveKey: (source) => {
      const name = JSON.stringify(source)
      // One that throws instead of rejecting is remembered as well.
      const key = resolved.get(name) ?? Promise.resolve().then(() => keys.resolveKey(source, signal))
      resolved.set(name, key)
      return key
    },
  }
}

/** The same for the trust root. */
export function loadOnce(trust: TrustMaterialSource, signal: AbortSignal): TrustMaterialSource {
  let loaded: ReturnType<TrustMaterialSource['load']> | undefined
  return { load: () => (loaded ??= Promise.resolve().then(() => trust.load(signal))) }
}
