import { CheckError, decodeCanonicalBase64, type Digest } from '@verify-images/primitives'
import { type Certificate, CertificateError, parseCertificate, parseCertificates } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { MAX_ANNOTATED_CHAIN } from '../limits.ts'
import type { SignatureLayer } from './signature-manifest.ts'

/** The annotations of a layer in which cosign stores what comes with its payload. */
export const annotationNames = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  logEntry: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

/** A payload and everything that came with it, read but not believed. */
export interface Candidate {
  /** The digest of the layer, which is that of the payload. */
  readonly artifact: Digest
  readonly payload: Uint8Array
  /** The SHA-256 of the payload in hex. */
  readonly payloadDigest: string
  /** The base64 text of the annotation. Attestations have their signatures in the payload. */
  readonly signature?: string
  readonly certificate?: Certificate
  /** The certificates of the chain annotation without the last, which is the root and is not used. */
  readonly intermediates: readonly Certificate[]
  readonly logEntry?: string
  readonly timestamp?: string
}

/**
 * Returns a layer as a candidate. Nothing is verified.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_INVALID
 * @see cosign, pkg/oci/static
 */
export function parseCandidate(layer: SignatureLayer, payload: Uint8Array): Candidate {
  const certificate = layer.annotations.get(annotationNames.certificate)
  const chain = layer.annotations.get(annotationNames.chain)
  const signature = layer.annotations.get(annotationNames.signature)
  const logEntry = layer.annotations.get(annotationNames.logEntry)
  const timestamp = layer.annotations.get(annotationNames.timestamp)
  return {
    artifact: layer.descriptor.digest,
    payload,
    payloadDigest: createHash('sha256').update(payload).digest('hex'),
    intermediates: chain
      ? certificateOf(() => parseCertificates(chain, { maxBlocks: MAX_ANNOTATED_CHAIN })).slice(0, -1)
      : [],
    ...(certificate && { certificate: certificateOf(() => parseCertificate(certificate)) }),
    ...(signature && { signature }),
    ...(logEntry && { logEntry }),
    ...(timestamp && { timestamp }),
  }
}

/**
 * Returns the bytes of a candidate's signature.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID unless the annotation is canonical base64
 */
export function signatureBytes(candidate: Candidate): Uint8Array {
  const bytes = decodeCanonicalBase64(candidate.signature ?? '')
  if (bytes !== undefined && bytes.length > 0) return bytes
  throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'signature: expected canonical base64')
}

function certificateOf<Value>(parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new CheckError('ATTESTOR_CERTIFICATE_INVALID', `invalid certificate of the signature: ${error.message}`, {
      ...(error.detail !== undefined && { detail: error.detail }),
      cause: error,
    })
  }
}
