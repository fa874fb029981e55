import { contentOf, descriptorOf, jsonContent, OCI_MANIFEST, type Content, type Descriptor, type Digest } from './content.ts'
import type { SigningKey } from './signing-key.ts'

/** A layer of a `.sig` or `.att` manifest, and its bytes. */
export interface SignatureLayer {
  readonly blob: Content
  readonly descriptor: Descriptor
}

const SIGNATURE = 'dev.cosignproject.cosign/signature'

/**
 * A signature in cosign's first format: a JSON payload that names the image's digest, signed as it is.
 *
 * @see cosign, specs/SIGNATURE_SPEC.md
 */
export function simpleSigning(reference: string, digest: Digest, key: SigningKey, annotations: Readonly<Record<string, string>> = {}): SignatureLayer {
  const payload = {
    critical: { identity: { 'docker-reference': reference }, image: { 'docker-manifest-digest': digest }, type: 'cosign container image signature' },
    optional: Object.keys(annotations).length === 0 ? null : annotations,
  }
  const blob = jsonContent('application/vnd.dev.cosign.simplesigning.v1+json', payload)
  return { blob, descriptor: descriptorOf(blob, { [SIGNATURE]: Buffer.from(key.sign(blob.bytes)).toString('base64') }) }
}

const IN_TOTO = 'application/vnd.in-toto+json'

/** An in-toto statement about an image in a DSSE envelope. */
export function attestation(digest: Digest, predicateType: string, predicate: unknown, key: SigningKey): SignatureLayer {
  const statement = { _type: 'https://in-toto.io/Statement/v0.1', predicateType, subject: [{ name: 'image', digest: { sha256: digest.slice('sha256:'.length) } }], predicate }
  const payload = Buffer.from(JSON.stringify(statement))
  const signed = Buffer.from(key.sign(preAuthenticationEncoding(IN_TOTO, payload))).toString('base64')
  const blob = jsonContent('application/vnd.dsse.envelope.v1+json', { payloadType: IN_TOTO, payload: payload.toString('base64'), signatures: [{ keyid: '', sig: signed }] })
  return { blob, descriptor: descriptorOf(blob, { [SIGNATURE]: '', predicateType }) }
}

/** @see DSSE v1, "Signature Definition" */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${String(Buffer.byteLength(payloadType))} ${payloadType} ${String(payload.length)} `), payload])
}

/** The manifest of `sha256-<hex>.sig` or `.att`: one layer per signature. */
export function signatureManifest(layers: readonly SignatureLayer[]): { readonly manifest: Content; readonly blobs: readonly Content[] } {
  const config = contentOf('application/vnd.oci.image.config.v1+json', Buffer.from('{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}'))
  const manifest = jsonContent(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config: descriptorOf(config), layers: layers.map(({ descriptor }) => descriptor) })
  return { manifest, blobs: [config, ...layers.map(({ blob }) => blob)] }
}

export function attachmentTag(digest: Digest, suffix: 'sig' | 'att'): string {
  return `${digest.replace(':', '-')}.${suffix}`
}
