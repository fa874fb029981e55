import type { ManifestNotFound, StoredManifest } from '@verify-images/attestor-evaluator'
import { failureOf, type Failure, type ReasonCode, type RegistryDetail, messageOf } from '@verify-images/primitives'

type ReasonFailure = Extract<Failure, { readonly kind: 'reason' }>

/**
 * Returns the failure for an error of an artifact source, or of a check of its answer.
 *
 * @param otherwise the code for an error without a registry code
 */
export function failureOfSource(error: unknown, otherwise: ReasonCode): ReasonFailure {
  const failure = failureOf(error, {}, new AbortController().signal)
  if (failure.kind === 'reason' && failure.reason.code !== 'ATTESTOR_SOURCE_UNAVAILABLE') return failure
  return { kind: 'reason', reason: { code: otherwise, message: messageOf(error) }, inconclusive: true }
}

/** Thrown where a manifest is required and the registry has none. Has the fields of a registry error. */
class ManifestMissing extends Error {
  readonly code = 'REGISTRY_NOT_FOUND'
  readonly detail: RegistryDetail

  constructor({ detail }: ManifestNotFound) {
    super('the manifest was not found in its registry')
    this.detail = detail
  }
}

/**
 * Returns the manifest that a source found. @throws ManifestMissing, which {@link failureOfSource} turns into a failure
 */
export function requireManifest(manifest: StoredManifest | ManifestNotFound): StoredManifest {
  if ('notFound' in manifest) throw new ManifestMissing(manifest)
  return manifest
}
