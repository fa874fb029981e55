import type { Descriptor, StoredManifest } from '@verify-images/attestor-evaluator'
import { CheckError, parseLayeredManifest, readDescriptor } from '@verify-images/primitives'
import type { AttestorCode, LayeredManifest, NotaryLayer } from '@verify-images/primitives'
import { MAX_ENVELOPE_BYTES, MAX_MANIFEST_BYTES, MAX_PREDICATE_BYTES } from '../limits.ts'

/**
 * Parses the manifest of a signature or an attestation.
 *
 * @throws CheckError with the given code, ATTESTOR_LIMIT_EXCEEDED
 * @see OCI image specification, manifest
 */
export function readArtifactManifest({ bytes }: StoredManifest, code: AttestorCode): LayeredManifest {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `size of the manifest: expected at most ${MAX_MANIFEST_BYTES} bytes, got ${bytes.length}`,
    )
  return parseLayeredManifest(bytes, 'the manifest', code)
}

/** The most bytes that a layer may have. */
export const MAX_LAYER_BYTES: Readonly<Record<NotaryLayer, number>> = {
  signature: MAX_ENVELOPE_BYTES,
  attestation: MAX_PREDICATE_BYTES,
}

/**
 * Returns the only layer of a manifest, which must not claim to be larger than what it holds may be.
 *
 * @throws CheckError with the given code; ATTESTOR_LIMIT_EXCEEDED
 */
export function onlyLayer(manifest: LayeredManifest, code: AttestorCode, of: NotaryLayer): Descriptor {
  const [layer, ...others] = manifest.layers
  if (layer === undefined || others.length > 0) {
    const { length: count } = manifest.layers
    throw new CheckError(code, `layers of the manifest: expected 1, got ${count}`, {
      detail: { kind: 'notary-layer-count', of, count },
    })
  }
  const descriptor = readDescriptor(layer)
  if (descriptor === undefined) throw new CheckError(code, 'expected a descriptor as the layer of the manifest')
  const { digest, size } = descriptor
  const limit = MAX_LAYER_BYTES[of]
  if (size > limit) {
    throw new CheckError('ATTESTOR_LIMIT_EXCEEDED', `size of the ${of}: expected at most ${limit} bytes, got ${size}`, {
      detail: { kind: 'notary-layer-too-large', of, size, limit, digest },
    })
  }
  return descriptor
}
