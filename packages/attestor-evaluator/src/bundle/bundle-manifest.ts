import { type Digest, isDigest, type Json, ownMember } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { MAX_BUNDLE_BYTES } from '../limits.ts'
import type { Descriptor, StoredManifest } from '../ports.ts'
import { parseDocument } from '../parse-document.ts'

/** What the artifact types of bundles begin with. */
export const BUNDLE_ARTIFACT_TYPE = 'application/vnd.dev.sigstore.bundle'

/**
 * The layer that holds the bundle of a referrer.
 *
 * The referrers listing is a hint. The manifest, whose digest has been checked, must itself have the artifact type of
 * bundles and refer to this image.
 *
 * @throws AttestorError ATTESTOR_BUNDLE_INVALID, ATTESTOR_LIMIT_EXCEEDED
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
  if (layer === undefined) throw invalid('the referrer has no layers', 'layers not found')
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
    throw new AttestorError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `layer of the referrer: expected at most ${MAX_BUNDLE_BYTES} bytes, got ${size}`,
      {
        upstreamText: `layer size ${size} exceeds ${MAX_BUNDLE_BYTES}`,
      },
    )
  }
  return { mediaType, digest, size }
}

function invalid(reason: string, upstreamText: string = reason): AttestorError {
  return new AttestorError('ATTESTOR_BUNDLE_INVALID', reason, { upstreamText })
}
