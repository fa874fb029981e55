import { CheckError } from '@verify-images/primitives'
import { type Certificate, CertificateError, parseCertificate, parseCertificates } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { decodeCanonicalBase64, type Digest } from '@verify-images/primitives'
import { MAX_ANNOTATED_CHAIN } from '../limits.ts'
import type { SignatureLayer } from './signature-manifest.ts'

/** Where cosign keeps what comes with a payload: in annotations of its layer. */
export const annotationNames = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  logEntry: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

/** What is to be verified: a payload and everything that came with it, read but not believed. */
export interface Candidate {
  /** Digest of the layer, which is the payload's. */
  readonly artifact: Digest
  readonly payload: Uint8Array
  /** SHA-256 of the payload, hex. */
  readonly payloadDigest: string
  /** Base64 as it stands in the annotation; attestations carry their signatures in the payload. */
  readonly signature?: string
  readonly certificate?: Certificate
  /** What the signer sent along to build a path with; the last is the root, which is not used. */
  readonly intermediates: readonly Certificate[]
  readonly logEntry?: string
  readonly timestamp?: string
}

/**
 * Reads the annotations of one layer.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_INVALID
 * @see cosign, pkg/oci/static
 */
export function readCandidate(layer: SignatureLayer, payload: Uint8Array): Candidate {
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
      ? readPem(() => parseCertificates(chain, { maxBlocks: MAX_ANNOTATED_CHAIN })).slice(0, -1)
      : [],
    ...(certificate && { certificate: readPem(() => parseCertificate(certificate)) }),
    ...(signature && { signature }),
    ...(logEntry && { logEntry }),
    ...(timestamp && { timestamp }),
  }
}

/**
 * The bytes of a candidate's signature.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID unless it is the one canonical spelling
 */
export function signatureBytes(candidate: Candidate): Uint8Array {
  const bytes = decodeCanonicalBase64(candidate.signature ?? '')
  if (bytes !== undefined && bytes.length > 0) return bytes
  throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'the signature is not canonical base64')
}

function readPem<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new CheckError(
      'ATTESTOR_CERTIFICATE_INVALID',
      `the certificate of the signature cannot be used: ${error.message}`,
      {
        ...(error.detail !== undefined && { detail: error.detail }),
        cause: error,
      },
    )
  }
}
