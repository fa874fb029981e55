import { AttestorError } from '@verify-images/attestor-evaluator'
import type { VerificationRun } from '@verify-images/attestor-evaluator'
import type { Digest } from '@verify-images/primitives'
import { MAX_PAYLOAD_BYTES } from '../limits.ts'
import type { Artifact } from './artifact.ts'
import { onlyLayer, readArtifactManifest } from './artifact-manifest.ts'

/** The artifact type of Notary Project signatures; older ones have it as the media type of their config. */
export const SIGNATURE_TYPE = 'application/vnd.cncf.notary.signature'

export interface StoredSignature {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * Fetches the envelope of a signature manifest that refers to an artifact.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_LIMIT_EXCEEDED; what the source throws
 * @see Notary Project, signature specification: OCI Signatures
 */
export async function fetchSignature(
  artifact: Artifact,
  digest: Digest,
  { source, signal }: Pick<VerificationRun, 'source' | 'signal'>,
): Promise<StoredSignature> {
  const stored = await source.fetchManifest(artifact.repository, digest, signal)
  if ('notFound' in stored)
    throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the signature is listed and is not there', {
      upstreamText: stored.upstreamText,
    })
  const manifest = readArtifactManifest(stored, 'ATTESTOR_SIGNATURE_INVALID')
  if (manifest.artifactType !== SIGNATURE_TYPE)
    throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the referrer is listed as a signature and is none')
  if (manifest.subject !== artifact.descriptor.digest)
    throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the signature refers to something else')
  const layer = onlyLayer(manifest, 'ATTESTOR_SIGNATURE_INVALID', 'payload')
  const bytes = await source.fetchBlob(artifact.repository, layer, MAX_PAYLOAD_BYTES, signal)
  if (bytes.length !== layer.size)
    throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the envelope has another size than the manifest says')
  return { mediaType: layer.mediaType, bytes }
}
