import type { ReferrerListing, VerificationRun } from '@verify-images/attestor-evaluator'
import { CheckError } from '@verify-images/primitives'
import type { Digest } from '@verify-images/primitives'
import { MAX_ENVELOPE_BYTES, MAX_REFERRERS } from '../limits.ts'
import { notFoundDetail } from './artifact.ts'
import type { Artifact } from './artifact.ts'
import { onlyLayer, readArtifactManifest } from './artifact-manifest.ts'

/** The artifact type of Notary Project signatures; older ones have it as the media type of their config. */
export const SIGNATURE_TYPE = 'application/vnd.cncf.notary.signature'

type Reader = Pick<VerificationRun, 'source' | 'signal'>

/**
 * Lists the referrers of an artifact, from the referrers API or the fallback tag.
 *
 * @throws CheckError ATTESTOR_LIMIT_EXCEEDED for more than Kyverno accepts; what the source throws
 */
export async function listReferrers(
  { repository, descriptor }: Artifact,
  { source, signal }: Reader,
): Promise<ReferrerListing> {
  const listing = await source.listReferrers(repository, descriptor.digest, signal)
  if (listing.descriptors.length > MAX_REFERRERS) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `referrers of the artifact: expected at most ${MAX_REFERRERS}, got ${listing.descriptors.length}`,
      { detail: { kind: 'notary-too-many-referrers', limit: MAX_REFERRERS } },
    )
  }
  return listing
}

export interface StoredSignature {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * Fetches the envelope of a signature manifest that refers to an artifact.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_SOURCE_UNAVAILABLE, ATTESTOR_LIMIT_EXCEEDED; what the
 *   source throws
 * @see Notary Project, signature specification: OCI Signatures
 */
export async function fetchSignature(
  artifact: Artifact,
  digest: Digest,
  { source, signal }: Reader,
): Promise<StoredSignature> {
  const stored = await source.fetchManifest(artifact.repository, digest, signal)
  if ('notFound' in stored)
    throw new CheckError('ATTESTOR_SOURCE_UNAVAILABLE', 'the signature is in the referrers listing but was not found', {
      ...notFoundDetail(stored),
    })
  const manifest = readArtifactManifest(stored, 'ATTESTOR_SIGNATURE_INVALID')
  if (manifest.artifactType !== SIGNATURE_TYPE)
    throw new CheckError(
      'ATTESTOR_SIGNATURE_INVALID',
      'the referrers listing calls it a signature, but its manifest has another artifact type',
    )
  if (manifest.subject !== artifact.descriptor.digest)
    throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'the signature refers to another subject')
  const layer = onlyLayer(manifest, 'ATTESTOR_SIGNATURE_INVALID', 'signature')
  const bytes = await source.fetchBlob(artifact.repository, layer, MAX_ENVELOPE_BYTES, signal)
  if (bytes.length !== layer.size)
    throw new CheckError(
      'ATTESTOR_SIGNATURE_INVALID',
      `size of the envelope: expected ${layer.size} bytes as in the manifest, got ${bytes.length}`,
    )
  return { mediaType: layer.mediaType, bytes }
}
