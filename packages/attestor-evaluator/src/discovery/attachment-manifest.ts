import { CheckError } from '@verify-images/primitives'
import { parseSignatureManifest, type SignatureLayer } from '../cosign/signature-manifest.ts'
import { MAX_CLAIM_LENGTH } from '../limits.ts'
import type { StoredManifest } from '../ports.ts'

/** The manifest of an attachment. */
export interface AttachmentManifest {
  readonly artifactType?: string
  /** The digest of the subject in the manifest; absent for most manifests under tags. */
  readonly subject?: string
  readonly layers: readonly SignatureLayer[]
}

/**
 * Parses the manifest of an attachment, by the same rules as when its signatures are verified.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function parseAttachmentManifest(manifest: StoredManifest): AttachmentManifest {
  const { layers, artifactType, subject } = parseSignatureManifest(manifest)
  if ([artifactType, subject].some((text = '') => text.length > MAX_CLAIM_LENGTH)) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `artifact type and subject of the manifest: expected at most ${MAX_CLAIM_LENGTH} characters`,
    )
  }
  return { layers, ...(artifactType !== undefined && { artifactType }), ...(subject !== undefined && { subject }) }
}
