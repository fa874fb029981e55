import { CheckError, ownMember } from '@verify-images/primitives'
import { readSignatureManifest, type SignatureLayer } from '../cosign/signature-manifest.ts'
import { MAX_CLAIM_LENGTH } from '../limits.ts'
import type { StoredManifest } from '../ports.ts'
import { parseDocument } from '@verify-images/primitives'

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
  const layers = readSignatureManifest(manifest)
  const document = parseDocument(manifest.bytes, 'the manifest', 'ATTESTOR_PAYLOAD_INVALID')
  const artifactType = ownMember(document, 'artifactType') || ownMember(ownMember(document, 'config'), 'mediaType')
  const subject = ownMember(ownMember(document, 'subject'), 'digest')
  if ([artifactType, subject].some((text) => typeof text === 'string' && text.length > MAX_CLAIM_LENGTH)) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `artifact type and subject of the manifest: expected at most ${MAX_CLAIM_LENGTH} characters`,
    )
  }
  return {
    layers,
    ...(typeof artifactType === 'string' && { artifactType }),
    ...(typeof subject === 'string' && { subject }),
  }
}
