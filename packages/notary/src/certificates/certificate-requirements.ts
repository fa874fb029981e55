import { AttestorError } from '@verify-images/attestor-evaluator'
import type { Certificate, KeyUsage } from '@verify-images/x509'
import { signatureAlgorithmOf } from '../envelope/signature-algorithm.ts'

export type ChainPurpose = 'codeSigning' | 'timestamping'

const EXTENSION = { KEY_USAGE: '2.5.29.15', BASIC_CONSTRAINTS: '2.5.29.19', EXTENDED_KEY_USAGE: '2.5.29.37' } as const

/** What a key that signs artifacts must not be for as well. */
const FOREIGN_USAGES: ReadonlyMap<string, string> = new Map([
  ['2.5.29.37.0', 'Any'],
  ['1.3.6.1.5.5.7.3.1', 'ServerAuth'],
  ['1.3.6.1.5.5.7.3.2', 'ClientAuth'],
  ['1.3.6.1.5.5.7.3.4', 'EmailProtection'],
  ['1.3.6.1.5.5.7.3.8', 'Timestamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning'],
])
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'

/** Key usages a signer must not have, by the names of upstream's message. */
const FOREIGN_KEY_USAGES: readonly (readonly [KeyUsage, string])[] = [
  ['keyEncipherment', 'KeyEncipherment'],
  ['dataEncipherment', 'DataEncipherment'],
  ['keyAgreement', 'KeyAgreement'],
  ['keyCertSign', 'CertSign'],
  ['cRLSign', 'CRLSign'],
  ['encipherOnly', 'EncipherOnly'],
  ['decipherOnly', 'DecipherOnly'],
]

/**
 * Checks the certificate of a signer: no authority, a key for signatures alone and of a size that has an algorithm.
 *
 * @throws AttestorError ATTESTOR_CERTIFICATE_INVALID, ATTESTOR_SIGNATURE_INVALID
 * @see Notary Project, signature specification: Leaf Certificates
 */
export function checkSigner(certificate: Certificate, purpose: ChainPurpose): void {
  if (certificate.basicConstraints?.isCa) {
    throw invalid(
      certificate,
      'is an authority, not a signer',
      'if the basic constraints extension is present, the ca field must be set to false',
    )
  }
  const usages = requireKeyUsage(certificate, purpose)
  const foreign = FOREIGN_KEY_USAGES.filter(([usage]) => usages.has(usage)).map(([, name]) => `"${name}"`)
  if (!usages.has('digitalSignature') || foreign.length > 0) {
    throw invalid(
      certificate,
      'has a key that is not for signatures alone',
      'the key usage must be "Digital Signature" only',
    )
  }
  if (purpose === 'codeSigning') checkCodeSigningUsage(certificate)
  else checkTimeStampingUsage(certificate)
  signatureAlgorithmOf(certificate.publicKey)
}

/** The extension may be missing, and may name other usages than code signing; the specification lists what it must not. */
function checkCodeSigningUsage(certificate: Certificate): void {
  const foreign = certificate.extendedKeyUsage?.map((oid) => FOREIGN_USAGES.get(oid)).find((name) => name !== undefined)
  if (foreign !== undefined)
    throw invalid(certificate, `is also for ${foreign}`, `extended key usage must not contain ${foreign} eku`)
}

function checkTimeStampingUsage(certificate: Certificate): void {
  const usages = certificate.extendedKeyUsage
  if (
    usages?.length !== 1 ||
    usages[0] !== TIME_STAMPING ||
    certificate.extensions.get(EXTENSION.EXTENDED_KEY_USAGE)?.critical !== true
  ) {
    throw invalid(
      certificate,
      'is not for time stamping alone, marked critical',
      'must have and only have Timestamping as extended key usage',
    )
  }
}

/**
 * Checks the certificate of an authority that has `below` authorities below it.
 *
 * @throws AttestorError ATTESTOR_CERTIFICATE_INVALID
 * @see Notary Project, signature specification: Root and Intermediate CA Certificates
 */
export function checkAuthority(certificate: Certificate, below: number, purpose: ChainPurpose): void {
  const constraints = certificate.basicConstraints
  if (!constraints?.isCa || certificate.extensions.get(EXTENSION.BASIC_CONSTRAINTS)?.critical !== true) {
    throw invalid(
      certificate,
      'is no authority',
      'ca field in basic constraints must be present, critical, and set to true',
    )
  }
  if (constraints.pathLength !== undefined && constraints.pathLength < below) {
    throw invalid(
      certificate,
      `allows ${constraints.pathLength} authorities below it, found ${below}`,
      `expected path length of ${below} but certificate has path length ${constraints.pathLength} instead`,
    )
  }
  if (!requireKeyUsage(certificate, purpose).has('keyCertSign')) {
    throw invalid(
      certificate,
      'may not sign certificates',
      'key usage must have the bit positions for key cert sign set',
    )
  }
}

function requireKeyUsage(certificate: Certificate, purpose: ChainPurpose): ReadonlySet<KeyUsage> {
  if (!certificate.keyUsage)
    throw invalid(certificate, 'says nothing of the usage of its key', 'key usage extension must be present')
  if (purpose === 'codeSigning' && certificate.extensions.get(EXTENSION.KEY_USAGE)?.critical !== true) {
    throw invalid(certificate, 'has a key usage that is not critical', 'key usage extension must be marked critical')
  }
  return certificate.keyUsage
}

function invalid({ subject }: Certificate, problem: string, upstreamReason: string): AttestorError {
  return new AttestorError('ATTESTOR_CERTIFICATE_INVALID', `certificate \`${subject.text}\` ${problem}`, {
    upstreamText: `certificate-chain is invalid, certificate with subject ${JSON.stringify(subject.text)}: ${upstreamReason}`,
  })
}
