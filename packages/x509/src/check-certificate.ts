import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { certificateLabel } from './certificate-label.ts'
import { equalBytes } from './equal-bytes.ts'
import { verifySignatureBytes } from './verify-signature-bytes.ts'

/**
 * Refuses a certificate at a time outside of its validity; both ends belong to it.
 *
 * @throws CertificateError CERTIFICATE_EXPIRED, CERTIFICATE_OPTIONS_INVALID when `at` is no date
 * @see RFC 5280, 6.1.3 (a) (2)
 */
export function checkValidity(certificate: Certificate, at: Date): void {
  // Not-a-number compares false both ways, which would read as "valid".
  if (Number.isNaN(at.getTime()))
    throw new CertificateError('CERTIFICATE_OPTIONS_INVALID', 'time to check a certificate at is not a date')
  const problem =
    at < certificate.notBefore
      ? `current time ${goTime(at)} is before ${goTime(certificate.notBefore)}`
      : at > certificate.notAfter
        ? `current time ${goTime(at)} is after ${goTime(certificate.notAfter)}`
        : undefined
  if (problem === undefined) return
  throw new CertificateError(
    'CERTIFICATE_EXPIRED',
    `${certificateLabel(certificate)} is outside of its validity: ${problem}`,
    {
      upstreamText: `x509: certificate has expired or is not yet valid: ${problem}`,
    },
  )
}

function goTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}

/** @throws CertificateError CERTIFICATE_EXTENSION_UNHANDLED */
export function checkCriticalExtensions(certificate: Certificate): void {
  const [oid] = certificate.unhandledCriticalExtensions
  if (oid === undefined) return
  throw new CertificateError(
    'CERTIFICATE_EXTENSION_UNHANDLED',
    `${certificateLabel(certificate)} has critical extension ${oid}, which is not understood`,
    {
      upstreamText: 'x509: unhandled critical extension',
    },
  )
}

/**
 * Refuses a certificate that `issuer` did not issue, or was not allowed to: the names must meet byte for byte, the issuer
 * must be a certificate authority that may sign certificates, and its key must have made the signature.
 *
 * Nothing is said about times, path lengths or name constraints: those need the whole chain.
 *
 * @throws CertificateError CERTIFICATE_UNTRUSTED, CERTIFICATE_NOT_A_CA, CERTIFICATE_ALGORITHM_REFUSED, CERTIFICATE_SIGNATURE_INVALID
 * @see RFC 5280, 6.1.3 (a) and 6.1.4 (k), (n)
 */
export function verifyIssuedBy(certificate: Certificate, issuer: Certificate): void {
  if (!equalBytes(certificate.issuer.raw, issuer.subject.raw)) {
    throw new CertificateError(
      'CERTIFICATE_UNTRUSTED',
      `${certificateLabel(issuer)} is not the issuer of ${certificateLabel(certificate)}`,
      {
        upstreamText: 'x509: issuer name does not match subject from issuing certificate',
      },
    )
  }
  if (!issuer.basicConstraints?.isCa || (issuer.keyUsage && !issuer.keyUsage.has('keyCertSign'))) {
    throw new CertificateError('CERTIFICATE_NOT_A_CA', `${certificateLabel(issuer)} may not sign certificates`, {
      upstreamText: 'x509: invalid signature: parent certificate cannot sign this kind of certificate',
    })
  }
  const algorithm = certificate.signatureAlgorithm
  if (algorithm === undefined) {
    throw new CertificateError(
      'CERTIFICATE_ALGORITHM_REFUSED',
      `${certificateLabel(certificate)} is signed by an algorithm that is not accepted`,
      {
        upstreamText: 'x509: cannot verify signature: algorithm unimplemented',
      },
    )
  }
  if (!verifySignatureBytes(issuer.publicKey, algorithm, certificate.tbs, certificate.signature)) {
    throw new CertificateError(
      'CERTIFICATE_SIGNATURE_INVALID',
      `${certificateLabel(certificate)} is not signed by the key of ${certificateLabel(issuer)}`,
      {
        upstreamText: UPSTREAM_FAILURES[issuer.publicKey.kind],
      },
    )
  }
}

const UPSTREAM_FAILURES: Readonly<Record<Certificate['publicKey']['kind'], string>> = {
  ec: 'x509: ECDSA verification failure',
  rsa: 'crypto/rsa: verification error',
  ed25519: 'x509: Ed25519 verification failure',
}
