import { type Certificate, CertificateError, parseCertificate, parseCertificates } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { AttestorError } from '../attestor-error.ts'
import { decodeCanonicalBase64 } from '../canonical-base64.ts'
import { MAX_ANNOTATED_CHAIN } from '../limits.ts'
import type { Digest } from '../ports.ts'
import type { SignatureLayer } from './signature-manifest.ts'

const signatureName = 'dev.cosignproject.cosign/signature'
const certificateName = 'dev.sigstore.cosign/certificate'
const chainName = 'dev.sigstore.cosign/chain'
const bundleName = 'dev.sigstore.cosign/bundle'
const timestampName = 'dev.sigstore.cosign/rfc3161timestamp'

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
 * @throws AttestorError ATTESTOR_CERTIFICATE_INVALID
 * @see cosign, pkg/oci/static
 */
export function readCandidate(layer: SignatureLayer, payload: Uint8Array): Candidate {
  const certificate = layer.annotations.get(certificateName)
  const chain = layer.annotations.get(chainName)
  const texts = { signature: layer.annotations.get(signatureName), logEntry: layer.annotations.get(bundleName), timestamp: layer.annotations.get(timestampName) }
  return {
    artifact: layer.descriptor.digest,
    payload,
    payloadDigest: createHash('sha256').update(payload).digest('hex'),
    intermediates: chain ? readPem(() => parseCertificates(chain, { maxBlocks: MAX_ANNOTATED_CHAIN })).slice(0, -1) : [],
    ...(certificate && { certificate: readPem(() => parseCertificate(certificate)) }),
    ...(texts.signature && { signature: texts.signature }),
    ...(texts.logEntry && { logEntry: texts.logEntry }),
    ...(texts.timestamp && { timestamp: texts.timestamp }),
  }
}

/**
 * The bytes of a candidate's signature.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID unless it is the one canonical spelling
 */
export function signatureBytes(candidate: Candidate): Uint8Array {
  const bytes = decodeCanonicalBase64(candidate.signature ?? '')
  if (bytes !== undefined && bytes.length > 0) return bytes
  throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the signature is not canonical base64')
}

function readPem<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new AttestorError('ATTESTOR_CERTIFICATE_INVALID', `the certificate of the signature cannot be used: ${error.message}`, {
      upstreamText: error.upstreamText ?? error.message, cause: error,
    })
  }
}
