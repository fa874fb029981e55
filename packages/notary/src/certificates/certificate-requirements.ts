import { CheckError } from '@verify-images/primitives'
import type { Certificate, KeyUsage } from '@verify-images/x509'
import { signatureAlgorithmOf } from '../envelope/signature-algorithm.ts'
import { shown } from '../notary-error.ts'

export type ChainPurpose = 'codeSigning' | 'timestamping'

const EXTENSION = { KEY_USAGE: '2.5.29.15', BASIC_CONSTRAINTS: '2.5.29.19', EXTENDED_KEY_USAGE: '2.5.29.37' } as const

/** Extended key usages that the specification forbids for a signer. */
const FORBIDDEN_USAGES: ReadonlyMap<string, string> = new Map([
  ['2.5.29.37.0', 'any'],
  ['1.3.6.1.5.5.7.3.1', 'serverAuth'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth'],
  ['1.3.6.1.5.5.7.3.4', 'emailProtection'],
  ['1.3.6.1.5.5.7.3.8', 'timeStamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning'],
])
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'

/** Key usages that the specification forbids for a signer. */
const FORBIDDEN_KEY_USAGES: readonly KeyUsage[] = [
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]

/**
 * Checks the certificate of a signer: not a CA, a key for signatures only, and of a size that has an algorithm.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_INVALID, ATTESTOR_SIGNATURE_INVALID
 * @see Notary Project, signature specification: Leaf Certificates
 */
export function checkSigner(certificate: Certificate, purpose: ChainPurpose): void {
  if (certificate.basicConstraints?.isCa) throw invalidCertificate(certificate, 'is a CA, not a signer')
  const usages = requireKeyUsage(certificate, purpose)
  if (!usages.has('digitalSignature') || FORBIDDEN_KEY_USAGES.some((usage) => usages.has(usage)))
    throw invalidCertificate(certificate, 'does not have digitalSignature as its only key usage')
  if (purpose === 'codeSigning') checkCodeSigningUsage(certificate)
  else checkTimeStampingUsage(certificate)
  signatureAlgorithmOf(certificate.publicKey)
}

/**
 * The extension may be missing, and may have other usages besides code signing; the specification lists the forbidden.
 */
function checkCodeSigningUsage(certificate: Certificate): void {
  const forbidden = certificate.extendedKeyUsage
    ?.map((oid) => FORBIDDEN_USAGES.get(oid))
    .find((name) => name !== undefined)
  if (forbidden !== undefined)
    throw invalidCertificate(certificate, `has the extended key usage ${forbidden}, which a signer must not have`)
}

function checkTimeStampingUsage(certificate: Certificate): void {
  const usages = certificate.extendedKeyUsage
  if (
    usages?.length !== 1 ||
    usages[0] !== TIME_STAMPING ||
    certificate.extensions.get(EXTENSION.EXTENDED_KEY_USAGE)?.critical !== true
  )
    throw invalidCertificate(certificate, 'does not have timeStamping as its only, critical extended key usage')
}

/**
 * Checks the certificate of a CA that has `below` CAs below it.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_INVALID
 * @see Notary Project, signature specification: Root and Intermediate CA Certificates
 */
export function checkAuthority(certificate: Certificate, below: number, purpose: ChainPurpose): void {
  const constraints = certificate.basicConstraints
  if (!constraints?.isCa || certificate.extensions.get(EXTENSION.BASIC_CONSTRAINTS)?.critical !== true)
    throw invalidCertificate(certificate, 'does not have critical basic constraints of a CA')
  if (constraints.pathLength !== undefined && constraints.pathLength < below)
    throw invalidCertificate(
      certificate,
      `has a path length of ${constraints.pathLength}, but there are ${below} CAs below it`,
    )
  if (!requireKeyUsage(certificate, purpose).has('keyCertSign'))
    throw invalidCertificate(certificate, 'does not have the key usage keyCertSign')
}

function requireKeyUsage(certificate: Certificate, purpose: ChainPurpose): ReadonlySet<KeyUsage> {
  if (!certificate.keyUsage) throw invalidCertificate(certificate, 'does not have a key usage')
  if (purpose === 'codeSigning' && certificate.extensions.get(EXTENSION.KEY_USAGE)?.critical !== true)
    throw invalidCertificate(certificate, 'has a key usage that is not critical')
  return certificate.keyUsage
}

/** Returns the error for a certificate that the specification does not allow in its place. */
export function invalidCertificate({ subject }: Certificate, problem: string): CheckError {
  return new CheckError('ATTESTOR_CERTIFICATE_INVALID', `certificate \`${shown(subject.text)}\` ${problem}`, {
    detail: { kind: 'notary-chain-invalid' },
  })
}
