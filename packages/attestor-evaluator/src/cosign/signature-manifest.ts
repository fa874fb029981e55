import { CheckError, isDigest, isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import { MAX_ANNOTATION_LENGTH, MAX_SIGNATURE_LAYERS, MAX_TOTAL_PAYLOAD_BYTES } from '../limits.ts'
import type { Descriptor, StoredManifest } from '../ports.ts'
import { parseDocument } from '@verify-images/primitives'

/** One signature or attestation as the manifest describes it. Nothing in it is signed. */
export interface SignatureLayer {
  readonly descriptor: Descriptor
  readonly annotations: ReadonlyMap<string, string>
}

const imageTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])

/**
 * The layers of a signature manifest.
 *
 * A document that could also be read as an index, or that says it is something else than the registry said, is refused:
 * two readers would see two contents under one digest.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 * @see OCI image specification, image manifest
 */
export function readSignatureManifest(manifest: StoredManifest): readonly SignatureLayer[] {
  const document = parseDocument(manifest.bytes, 'the signature manifest', 'ATTESTOR_PAYLOAD_INVALID')
  const mediaType = ownMember(document, 'mediaType')
  if (
    !isJsonObject(document) ||
    ownMember(document, 'manifests') !== undefined ||
    !imageTypes.has(manifest.mediaType)
  ) {
    throw invalid('the signature manifest is no image manifest')
  }
  if (mediaType !== undefined && mediaType !== manifest.mediaType)
    throw invalid('the signature manifest says it is of another media type')
  const layers = ownMember(document, 'layers') ?? []
  if (!Array.isArray(layers)) throw invalid('the layers of the signature manifest are no list')
  if (layers.length > MAX_SIGNATURE_LAYERS) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `the signature manifest has ${layers.length} layers, at most ${MAX_SIGNATURE_LAYERS} are looked at`,
      {
        detail: { kind: 'attestor-too-many-layers', count: layers.length, limit: MAX_SIGNATURE_LAYERS },
      },
    )
  }
  const read = layers.map(readLayer)
  const total = read.reduce((sum, { descriptor }) => sum + descriptor.size, 0)
  if (total <= MAX_TOTAL_PAYLOAD_BYTES) return read
  throw new CheckError(
    'ATTESTOR_LIMIT_EXCEEDED',
    `the signature manifest lists ${total} bytes, at most ${MAX_TOTAL_PAYLOAD_BYTES} are read`,
  )
}

function readLayer(layer: Json): SignatureLayer {
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
    throw invalid('a layer of the signature manifest is malformed')
  }
  return {
    descriptor: { mediaType, digest, size },
    annotations: readAnnotations(ownMember(layer, 'annotations') ?? {}),
  }
}

function readAnnotations(value: Json): ReadonlyMap<string, string> {
  if (!isJsonObject(value)) throw invalid('the annotations of a layer are malformed')
  return new Map(
    Object.entries(value).map(([name, text]) => {
      if (typeof text !== 'string') throw invalid('an annotation of a layer is no text')
      if (text.length > MAX_ANNOTATION_LENGTH)
        throw new CheckError(
          'ATTESTOR_LIMIT_EXCEEDED',
          `an annotation has more than ${MAX_ANNOTATION_LENGTH} characters`,
        )
      return [name, text]
    }),
  )
}

function invalid(message: string): CheckError {
  return new CheckError('ATTESTOR_PAYLOAD_INVALID', message)
}
