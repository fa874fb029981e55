import type { ManifestNotFound, StoredManifest } from '@verify-images/attestor-evaluator'
import { failureOf, type Failure, type ReasonCode, type RegistryDetail } from '@verify-images/primitives'

/** What a caught value says; anything may be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

type ReasonFailure = Extract<Failure, { readonly kind: 'reason' }>

/**
 * Returns the failure for what a source threw, or a check of what it returned.
 *
 * @param otherwise the code of an error that has none of a registry
 */
export function failureOfSource(error: unknown, otherwise: ReasonCode): ReasonFailure {
  const failure = failureOf(error, {}, new AbortController().signal)
  if (failure.kind === 'reason' && failure.reason.code !== 'ATTESTOR_SOURCE_UNAVAILABLE') return failure
  return { kind: 'reason', reason: { code: otherwise, message: messageOf(error) }, inconclusive: true }
}

/** There is no such manifest, where one is needed; read by its fields, as the errors of a source are. */
class ManifestMissing extends Error {
  readonly code = 'REGISTRY_NOT_FOUND'
  readonly detail: RegistryDetail

  constructor({ detail }: ManifestNotFound) {
    super('the manifest was not found in its registry')
    this.detail = detail
  }
}

/** Returns a manifest that a source found. @throws what {@link failureOfSource} reads, where it found none */
export function requireManifest(manifest: StoredManifest | ManifestNotFound): StoredManifest {
  if ('notFound' in manifest) throw new ManifestMissing(manifest)
  return manifest
}
