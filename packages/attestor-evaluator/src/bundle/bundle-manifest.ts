import { CheckError, type Digest, isDigest, type Json, ownMember } from '@verify-images/primitives'
import { MAX_BUNDLE_BYTES } from '../limits.ts'
import type { Descriptor, StoredManifest } from '../ports.ts'
import { parseDocument } from '@verify-images/primitives'

/** The prefix of the artifact types of bundles. */
export const BUNDLE_ARTIFACT_TYPE = 'application/vnd.dev.sigstore.bundle'

/**
 * Returns the layer of a referrer that holds the bundle.
 *
 * The referrers listing is a hint. The manifest, whose digest has been checked, must itself have the artifact type of
 * bundles and refer to this image.
 *
 * @throws CheckError ATTESTOR_BUNDLE_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function bundleLayer(manifest: StoredManifest, subject: Digest): Descriptor {
  const document = parseDocument(manifest.bytes, 'the manifest of the referrer', 'ATTESTOR_BUNDLE_INVALID')
  const artifactType = ownMember(document, 'artifactType') ?? ownMember(ownMember(document, 'config'), 'mediaType')
  if (
    ownMember(document, 'manifests') !== undefined ||
    typeof artifactType !== 'string' ||
    !artifactType.startsWith(BUNDLE_ARTIFACT_TYPE)
  ) {
    throw invalid(`referrer: expected the artifact type ${BUNDLE_ARTIFACT_TYPE}`)
  }
  if (ownMember(ownMember(document, 'subject'), 'digest') !== subject)
    throw invalid('the referrer refers to another subject')
  const layers = ownMember(document, 'layers')
  const layer: Json | undefined = Array.isArray(layers) ? layers[0] : undefined
  if (layer === undefined) throw invalid('referrer: expected at least one layer')
  return readDescriptor(layer)
}

function readDescriptor(layer: Json): Descriptor {
  const mediaType = ownMember(layer, 'mediaType')
  const digest = ownMember(layer, 'digest')
  const size = ownMember(layer, 'size')
  if (
    typeof mediaType !== 'string' ||
    !isDigest(digest) ||
    typeof size !== 'number' ||
    !Number.isSafeInteger(size) ||
    size < 0
  ) {
    throw invalid('layer of the referrer: expected a descriptor with media type, digest and size')
  }
  if (size > MAX_BUNDLE_BYTES) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `layer of the referrer: expected at most ${MAX_BUNDLE_BYTES} bytes, got ${size}`,
    )
  }
  return { mediaType, digest, size }
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_BUNDLE_INVALID', reason)
}
