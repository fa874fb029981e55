import type { Descriptor, StoredManifest } from '@verify-images/attestor-evaluator'
import { CheckError, isDigest, isJsonObject, ownMember, parseDocument } from '@verify-images/primitives'
import type { AttestorCode, Json, JsonObject, NotaryLayer } from '@verify-images/primitives'
import { MAX_MANIFEST_BYTES, MAX_PAYLOAD_BYTES } from '../limits.ts'

/** The manifest of a referrer that keeps its content in layers. */
export interface ArtifactManifest {
  readonly document: JsonObject
  /** From the manifest, whose digest has been checked; the artifact type in a referrers listing is the registry's claim. */
  readonly artifactType: string | undefined
  readonly subject: string | undefined
  readonly layers: readonly Json[]
}

/**
 * Parses the manifest of a signature or an attestation.
 *
 * @throws CheckError with the given code, ATTESTOR_LIMIT_EXCEEDED
 * @see OCI image specification, manifest
 */
export function readArtifactManifest({ bytes }: StoredManifest, code: AttestorCode): ArtifactManifest {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `size of the manifest: expected at most ${MAX_MANIFEST_BYTES} bytes, got ${bytes.length}`,
    )
  const document = parseDocument(bytes, 'the manifest', code)
  const layers = ownMember(document, 'layers') ?? []
  if (!isJsonObject(document) || Object.hasOwn(document, 'manifests') || !Array.isArray(layers))
    throw new CheckError(code, 'expected an image manifest')
  const artifactType = ownMember(document, 'artifactType') || ownMember(ownMember(document, 'config'), 'mediaType')
  const subject = ownMember(ownMember(document, 'subject'), 'digest')
  return {
    document,
    layers,
    artifactType: typeof artifactType === 'string' ? artifactType : undefined,
    subject: typeof subject === 'string' ? subject : undefined,
  }
}

/**
 * Returns the only layer of a manifest, which must not claim to be larger than {@link MAX_PAYLOAD_BYTES}.
 *
 * @throws CheckError with the given code; ATTESTOR_LIMIT_EXCEEDED
 */
export function onlyLayer(manifest: ArtifactManifest, code: AttestorCode, of: NotaryLayer): Descriptor {
  const [layer, ...others] = manifest.layers
  if (layer === undefined || others.length > 0) {
    const { length: count } = manifest.layers
    throw new CheckError(code, `layers of the manifest: expected 1, got ${count}`, {
      detail: { kind: 'notary-layer-count', of, count },
    })
  }
  const [mediaType, digest, size] = ['mediaType', 'digest', 'size'].map((name) => ownMember(layer, name))
  if (
    typeof mediaType !== 'string' ||
    !isDigest(digest) ||
    typeof size !== 'number' ||
    !Number.isSafeInteger(size) ||
    size < 0
  ) {
    throw new CheckError(code, 'expected a descriptor as the layer of the manifest')
  }
  if (size > MAX_PAYLOAD_BYTES) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `size of the layer: expected at most ${MAX_PAYLOAD_BYTES} bytes, got ${size}`,
      { detail: { kind: 'notary-layer-too-large', of, size, limit: MAX_PAYLOAD_BYTES, digest } },
    )
  }
  return { mediaType, digest, size }
}
