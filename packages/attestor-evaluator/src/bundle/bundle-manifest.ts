import { CheckError, type Digest, parseLayeredManifest, readDescriptor } from '@verify-images/primitives'
import { MAX_BUNDLE_BYTES } from '../limits.ts'
import type { Descriptor, StoredManifest } from '../ports.ts'

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
  const { artifactType, layers, ...found } = parseLayeredManifest(
    manifest.bytes,
    'the manifest of the referrer',
    'ATTESTOR_BUNDLE_INVALID',
  )
  if (!artifactType?.startsWith(BUNDLE_ARTIFACT_TYPE))
    throw invalid(`referrer: expected the artifact type ${BUNDLE_ARTIFACT_TYPE}`)
  if (found.subject !== subject) throw invalid('the referrer refers to another subject')
  const [layer] = layers
  if (layer === undefined) throw invalid('referrer: expected at least one layer')
  const descriptor = readDescriptor(layer)
  if (descriptor === undefined)
    throw invalid('layer of the referrer: expected a descriptor with media type, digest and size')
  if (descriptor.size > MAX_BUNDLE_BYTES) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `layer of the referrer: expected at most ${MAX_BUNDLE_BYTES} bytes, got ${descriptor.size}`,
    )
  }
  return descriptor
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_BUNDLE_INVALID', reason)
}
