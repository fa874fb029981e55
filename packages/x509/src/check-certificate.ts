import { equalBytes } from '@verify-images/primitives'
import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { certificateLabel } from './message-text.ts'
import { verifySignatureBytes } from './verify-signature-bytes.ts'

/**
 * Rejects a certificate at a time outside of its validity; both ends belong to it.
 *
 * @throws CertificateError CERTIFICATE_EXPIRED, CERTIFICATE_OPTIONS_INVALID when `at` is not a valid date
 * @see RFC 5280, 6.1.3 (a) (2)
 */
export function checkValidity(certificate: Certificate, at: Date): void {
  // Comparisons with an invalid Date are always false, so every certificate would look valid.
  if (Number.isNaN(at.getTime()))
    throw new CertificateError('CERTIFICATE_OPTIONS_INVALID', 'time to check a certificate at must be a valid Date')
  const { notBefore, notAfter } = certificate
  if (at >= notBefore && at <= notAfter) return
  const bound = at < notBefore ? `not valid before ${notBefore.toISOString()}` : `expired at ${notAfter.toISOString()}`
  throw new CertificateError(
    'CERTIFICATE_EXPIRED',
    `${certificateLabel(certificate)} is not valid at ${at.toISOString()}: ${bound}`,
    {
      detail: {
        kind: 'certificate-validity',
        at: at.toISOString(),
        notBefore: notBefore.toISOString(),
        notAfter: notAfter.toISOString(),
      },
    },
  )
}

/** @throws CertificateError CERTIFICATE_EXTENSION_UNHANDLED */
export function checkCriticalExtensions(certificate: Certificate): void {
  const [oid] = certificate.unhandledCriticalExtensions
  if (oid === undefined) return
  throw new CertificateError(
    'CERTIFICATE_EXTENSION_UNHANDLED',
    `${certificateLabel(certificate)} has the critical extension ${oid}, which is not supported`,
    { detail: { kind: 'certificate-critical-extension' } },
  )
}

/**
 * Rejects a certificate that `issuer` did not issue, or was not allowed to: the names must be equal byte for byte, the
 * issuer must be a CA that may sign certificates, and its key must have made the signature.
 *
 * Times, path lengths and name constraints are not checked: those need the whole chain.
 *
 * @throws CertificateError CERTIFICATE_UNTRUSTED, CERTIFICATE_NOT_A_CA, CERTIFICATE_ALGORITHM_REFUSED,
 *   CERTIFICATE_SIGNATURE_INVALID
 * @see RFC 5280, 6.1.3 (a) and 6.1.4 (k), (n)
 */
export function verifyIssuedBy(certificate: Certificate, issuer: Certificate): void {
  if (!equalBytes(certificate.issuer.raw, issuer.subject.raw)) {
    throw new CertificateError(
      'CERTIFICATE_UNTRUSTED',
      `${certificateLabel(issuer)} is not the issuer of ${certificateLabel(certificate)}`,
      { detail: { kind: 'certificate-issuer-name' } },
    )
  }
  if (!issuer.basicConstraints?.isCa || (issuer.keyUsage && !issuer.keyUsage.has('keyCertSign'))) {
    throw new CertificateError('CERTIFICATE_NOT_A_CA', `${certificateLabel(issuer)} may not sign certificates`, {
      detail: { kind: 'certificate-not-a-ca' },
    })
  }
  const algorithm = certificate.signatureAlgorithm
  if (algorithm === undefined) {
    throw new CertificateError(
      'CERTIFICATE_ALGORITHM_REFUSED',
      `${certificateLabel(certificate)} is signed with an algorithm that is not accepted`,
      { detail: { kind: 'certificate-algorithm' } },
    )
  }
  if (!verifySignatureBytes(issuer.publicKey, algorithm, certificate.tbs, certificate.signature)) {
    throw new CertificateError(
      'CERTIFICATE_SIGNATURE_INVALID',
      `${certificateLabel(certificate)} is not signed by the key of ${certificateLabel(issuer)}`,
      { detail: { kind: 'certificate-signature', key: issuer.publicKey.kind } },
    )
  }
}
