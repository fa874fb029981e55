import type { CertificateDetail } from '@verify-images/primitives'

/** Returns Go's crypto/x509 words for what is wrong with a certificate. */
export function certificateText(detail: CertificateDetail): string {
  switch (detail.kind) {
    case 'certificate-validity':
      return `x509: certificate has expired or is not yet valid: current time ${validityText(detail)}`
    case 'certificate-signature':
      return SIGNATURE_TEXTS[detail.key]
    case 'certificate-authority':
      return authorityText(detail)
    case 'certificate-usage':
      return 'x509: certificate specifies an incompatible key usage'
    case 'certificate-critical-extension':
      return 'x509: unhandled critical extension'
    case 'certificate-issuer-name':
      return 'x509: issuer name does not match subject from issuing certificate'
    case 'certificate-not-a-ca':
      return 'x509: invalid signature: parent certificate cannot sign this kind of certificate'
    case 'certificate-path-length':
      return 'x509: too many intermediates for path length constraint'
    case 'certificate-algorithm':
      return 'x509: cannot verify signature: algorithm unimplemented'
    case 'certificate-search-limit':
      return 'x509: signature check attempts limit reached while verifying certificate chain'
  }
}

type DetailOf<Kind extends CertificateDetail['kind']> = Extract<CertificateDetail, { readonly kind: Kind }>

const SIGNATURE_TEXTS: Readonly<Record<DetailOf<'certificate-signature'>['key'], string>> = {
  ec: 'x509: ECDSA verification failure',
  rsa: 'crypto/rsa: verification error',
  ed25519: 'x509: Ed25519 verification failure',
}

function validityText({ at, notBefore, notAfter }: DetailOf<'certificate-validity'>): string {
  const isBefore = Date.parse(at) < Date.parse(notBefore)
  return `${goTime(at)} is ${isBefore ? 'before' : 'after'} ${goTime(isBefore ? notBefore : notAfter)}`
}

/** Returns a time as Go's `time.RFC3339` prints it: without fractions of a second. */
function goTime(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z')
}

function authorityText({ candidate }: DetailOf<'certificate-authority'>): string {
  const text = 'x509: certificate signed by unknown authority'
  if (!candidate) return text
  const { name, problem, detail } = candidate
  const reason = detail ? certificateText(detail) : problem
  return (
    `${text} (possibly because of ${JSON.stringify(reason)} while trying to verify candidate authority ` +
    `certificate ${JSON.stringify(name)})`
  )
}
