import {
  CheckError,
  type Digest,
  type LayeredManifest,
  parseLayeredManifest,
  readDescriptor,
} from '@verify-images/primitives'
import { MAX_BUNDLE_BYTES } from '../limits.ts'
import type { Descriptor, StoredManifest } from '../ports.ts'

/** The prefix of the artifact types of bundles. */
export const BUNDLE_ARTIFACT_TYPE = 'application/vnd.dev.sigstore.bundle'

/** The media type of an empty config, which is not an artifact type: a manifest with such a config must have one. */
const EMPTY_CONFIG = 'application/vnd.oci.empty.v1+json'

/**
 * Returns whether a referrers listing does not state the type of a referrer, so that its manifest must be read.
 *
 * cosign 3 writes the media type of the config into fallback tags, although the manifest of a bundle has an artifact
 * type; so does the registry of go-containerregistry.
 *
 * @see OCI image specification, manifest.md, "Guidelines for Artifact Usage"
 * @see https://github.com/sigstore/cosign/issues/4641
 */
export function isUntyped({ artifactType }: Pick<Descriptor, 'artifactType'>): boolean {
  return artifactType === undefined || artifactType === EMPTY_CONFIG
}

/** Returns whether the manifest of a referrer says that it is a bundle. @throws CheckError if it cannot be parsed */
export function isBundleManifest(manifest: StoredManifest): boolean {
  return parseReferrer(manifest).artifactType?.startsWith(BUNDLE_ARTIFACT_TYPE) === true
}

/**
 * Returns the layer of a referrer that holds the bundle.
 *
 * The referrers listing is a hint. The manifest, whose digest has been checked, must itself have the artifact type of
 * bundles and refer to this image.
 *
 * @throws CheckError ATTESTOR_BUNDLE_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function bundleLayer(manifest: StoredManifest, subject: Digest): Descriptor {
  const { layers, ...found } = parseReferrer(manifest)
  if (!isBundleManifest(manifest)) throw invalid(`referrer: expected the artifact type ${BUNDLE_ARTIFACT_TYPE}`)
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

function parseReferrer({ bytes }: StoredManifest): LayeredManifest {
  return parseLayeredManifest(bytes, 'the manifest of the referrer', 'ATTESTOR_BUNDLE_INVALID')
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_BUNDLE_INVALID', reason)
}
