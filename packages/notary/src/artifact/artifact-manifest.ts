import { AttestorError, parseDocument } from '@verify-images/attestor-evaluator'
import type {
  AttestorErrorCode,
  Descriptor,
  StoredManifest,
  VerifiedStatement,
} from '@verify-images/attestor-evaluator'
import { isDigest, isJsonObject, ownMember } from '@verify-images/primitives'
import { MAX_MANIFEST_BYTES, MAX_PAYLOAD_BYTES } from '../limits.ts'

/** The manifest of something that refers to an artifact and keeps its content in layers. */
export interface ArtifactManifest {
  readonly document: VerifiedStatement['statement']
  /** From the manifest, whose digest has been checked; what a listing says of it is the registry's word. */
  readonly artifactType: string | undefined
  readonly subject: string | undefined
  readonly layers: readonly VerifiedStatement['predicate'][]
}

/**
 * Reads the manifest of a signature or an attestation.
 *
 * @throws AttestorError with the given code
 * @see OCI image specification, manifest
 */
export function readArtifactManifest({ bytes }: StoredManifest, code: AttestorErrorCode): ArtifactManifest {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new AttestorError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `the manifest has ${bytes.length} bytes, at most ${MAX_MANIFEST_BYTES} are read`,
    )
  const document = parseDocument(bytes, 'the manifest', code)
  const layers = ownMember(document, 'layers') ?? []
  if (!isJsonObject(document) || Object.hasOwn(document, 'manifests') || !Array.isArray(layers))
    throw new AttestorError(code, 'the manifest is not one of an image')
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
 * The one layer of a manifest, which must not claim to be larger than what is read.
 *
 * @param what names the layer in upstream's message about its size
 * @throws AttestorError with the given code; ATTESTOR_LIMIT_EXCEEDED
 */
export function onlyLayer(
  manifest: ArtifactManifest,
  code: AttestorErrorCode,
  what: 'payload' | 'predicate',
): Descriptor {
  const [layer, ...others] = manifest.layers
  if (layer === undefined || others.length > 0) {
    const words =
      what === 'payload'
        ? `signature manifest requries exactly one signature envelope blob, got ${manifest.layers.length}`
        : layer === undefined
          ? 'no predicate found: the manifest has no layers'
          : `multiple layers in predicate not supported: the manifest has ${manifest.layers.length} layers`
    throw new AttestorError(code, `the manifest has ${manifest.layers.length} layers, it must have one`, {
      upstreamText: words,
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
    throw new AttestorError(code, 'the layer of the manifest is malformed')
  }
  if (size > MAX_PAYLOAD_BYTES) {
    throw new AttestorError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `the layer has ${size} bytes, at most ${MAX_PAYLOAD_BYTES} are read`,
      {
        upstreamText: `${what} size ${size} exceeds ${MAX_PAYLOAD_BYTES} for digest ${digest}`,
      },
    )
  }
  return { mediaType, digest, size }
}
