import {
  CheckError,
  isJsonObject,
  type Json,
  type LayeredManifest,
  ownMember,
  parseLayeredManifest,
  readDescriptor,
} from '@verify-images/primitives'
import { MAX_ANNOTATION_LENGTH, MAX_SIGNATURE_LAYERS, MAX_TOTAL_PAYLOAD_BYTES } from '../limits.ts'
import type { Descriptor, StoredManifest } from '../ports.ts'

/** One signature or attestation as the manifest describes it. Nothing in it is signed. */
export interface SignatureLayer {
  readonly descriptor: Descriptor
  readonly annotations: ReadonlyMap<string, string>
}

/** A manifest of signatures or attestations, with its layers decoded. */
export interface SignatureManifest extends Omit<LayeredManifest, 'layers'> {
  readonly layers: readonly SignatureLayer[]
}

const imageTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])

const WHAT = 'the signature manifest'

/**
 * Parses a manifest of signatures or attestations.
 *
 * A manifest whose media type differs from the registry's answer is refused: two readers would see two contents under
 * one digest.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 * @see OCI image specification, image manifest
 */
export function parseSignatureManifest({ bytes, mediaType }: StoredManifest): SignatureManifest {
  const manifest = parseLayeredManifest(bytes, WHAT, 'ATTESTOR_PAYLOAD_INVALID')
  if (!imageTypes.has(mediaType)) throw invalid('expected an image manifest')
  const own = ownMember(manifest.document, 'mediaType')
  if (own !== undefined && own !== mediaType)
    throw invalid(`expected the media type ${mediaType} of the registry's answer`)
  const { length: count } = manifest.layers
  if (count > MAX_SIGNATURE_LAYERS) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `${WHAT}: expected at most ${MAX_SIGNATURE_LAYERS} layers, got ${count}`,
      { detail: { kind: 'attestor-too-many-layers', count, limit: MAX_SIGNATURE_LAYERS } },
    )
  }
  const layers = manifest.layers.map(decodeLayer)
  const total = layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0)
  if (total <= MAX_TOTAL_PAYLOAD_BYTES) return { ...manifest, layers }
  throw new CheckError(
    'ATTESTOR_LIMIT_EXCEEDED',
    `${WHAT}: expected layers of at most ${MAX_TOTAL_PAYLOAD_BYTES} bytes together, got ${total}`,
  )
}

function decodeLayer(layer: Json): SignatureLayer {
  const descriptor = readDescriptor(layer)
  if (descriptor === undefined) throw invalid('expected layers with media type, digest and size')
  return { descriptor, annotations: decodeAnnotations(ownMember(layer, 'annotations') ?? {}) }
}

function decodeAnnotations(value: Json): ReadonlyMap<string, string> {
  if (!isJsonObject(value)) throw invalid('expected an object as the annotations of a layer')
  return new Map(
    Object.entries(value).map(([name, text]) => {
      if (typeof text !== 'string') throw invalid('expected strings as the annotations of a layer')
      if (text.length > MAX_ANNOTATION_LENGTH)
        throw new CheckError(
          'ATTESTOR_LIMIT_EXCEEDED',
          `${WHAT}: expected annotations of at most ${MAX_ANNOTATION_LENGTH} characters, got ${text.length}`,
        )
      return [name, text]
    }),
  )
}

function invalid(problem: string): CheckError {
  return new CheckError('ATTESTOR_PAYLOAD_INVALID', `${WHAT}: ${problem}`)
}
