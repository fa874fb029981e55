import { CheckError, decodeCanonicalBase64, decodeGoBase64, type Digest } from '@verify-images/primitives'
import {
  type Certificate,
  CertificateError,
  parseCertificate,
  parseCertificatesInSlices,
  type Work,
} from '@verify-images/x509'
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
  /** The base64 text of the annotation; empty for attestations, which have their signatures in the payload. */
  readonly signature?: string
  readonly certificate?: Certificate
  /** PEM, as in the annotation. */
  readonly chain?: string
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
    ...(certificate && { certificate: parseSigningCertificate(certificate) }),
    ...(chain && { chain }),
    ...(signature !== undefined && { signature }),
    ...(logEntry && { logEntry }),
    ...(timestamp && { timestamp }),
  }
}

/**
 * Returns the bytes of a candidate's signature.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID unless the annotation is base64 as Go reads it
 */
export function signatureBytes(candidate: Candidate): Uint8Array {
  const bytes = decodeGoBase64(candidate.signature ?? '')
  if (bytes !== undefined && bytes.length > 0) return bytes
  throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'signature: expected padded standard base64')
}

/**
 * Requires that the text of a signature's annotation is the one that a log entry records. cosign compares the two
 * texts, and the log writes canonical base64.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID
 */
export function requireLoggedText({ signature }: Candidate): void {
  if (!signature || decodeCanonicalBase64(signature) !== undefined) return
  throw new CheckError(
    'ATTESTOR_LOG_ENTRY_INVALID',
    'the log entry records another text of the signature: expected canonical base64',
    { detail: { kind: 'attestor-log-entry-of-another-signature' } },
  )
}

/**
 * Returns the certificates of the chain annotation without the last, which is the root and is not used.
 *
 * Parsed only for a signer who needs a chain: a manifest may bring sixteen thousand of them.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_INVALID, ATTESTOR_BUDGET_EXCEEDED
 */
export async function parseIntermediates(
  { chain }: Pick<Candidate, 'chain'>,
  work: Work,
): Promise<readonly Certificate[]> {
  if (chain === undefined) return []
  try {
    return (await parseCertificatesInSlices(chain, { maxBlocks: MAX_ANNOTATED_CHAIN }, work)).slice(0, -1)
  } catch (error) {
    throw invalidCertificate(error)
  }
}

function parseSigningCertificate(pem: string): Certificate {
  try {
    return parseCertificate(pem)
  } catch (error) {
    throw invalidCertificate(error)
  }
}

function invalidCertificate(error: unknown): unknown {
  if (!(error instanceof CertificateError)) return error
  return new CheckError('ATTESTOR_CERTIFICATE_INVALID', `invalid certificate of the signature: ${error.message}`, {
    ...(error.detail !== undefined && { detail: error.detail }),
    cause: error,
  })
}
