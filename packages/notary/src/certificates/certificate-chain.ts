import { AttestorError } from '@verify-images/attestor-evaluator'
import { CertificateError, verifyIssuedBy, verifySignatureBytes } from '@verify-images/x509'
import type { Certificate } from '@verify-images/x509'
import { checkAuthority, checkSigner } from './certificate-requirements.ts'
import type { ChainPurpose } from './certificate-requirements.ts'

/**
 * Checks a chain for what the specification asks of it, independent of any trust: from the signer to a root that signed
 * itself, each certificate issued by the next, none too many, authorities that may be such, and a signer that is none.
 *
 * Other extensions than basic constraints and the key usages are not looked at, as the specification demands. Validity is
 * checked elsewhere, because it needs a time.
 *
 * @throws AttestorError ATTESTOR_CERTIFICATE_INVALID
 * @see Notary Project, signature specification: Certificate Requirements
 */
export function checkCertificateChain(chain: readonly [Certificate, ...Certificate[]], purpose: ChainPurpose): void {
  const [signer] = chain
  if (chain.length === 1) {
    checkSelfSigned(signer)
    checkSigner(signer, purpose)
    return
  }
  for (const [i, certificate] of chain.entries()) {
    const issuer = chain[i + 1]
    if (issuer) checkLink(certificate, issuer, i)
    else if (!isSelfSigned(certificate)) {
      throw invalid(
        certificate,
        'is at the root of the chain and did not sign itself',
        `root certificate with subject ${quote(certificate)} is not self-signed. Certificate chain must end with a valid self-signed root certificate`,
      )
    }
    if (i === 0) checkSigner(certificate, purpose)
    else checkAuthority(certificate, i - 1, purpose)
  }
}

function checkLink(certificate: Certificate, issuer: Certificate, position: number): void {
  if (isSelfSigned(certificate)) {
    const role = position === 0 ? 'leaf' : 'intermediate'
    throw invalid(
      certificate,
      'signed itself and is not at the root of the chain',
      `${role} certificate with subject ${quote(certificate)} is self-signed. Certificate chain must not contain self-signed ${role} certificate`,
    )
  }
  try {
    verifyIssuedBy(certificate, issuer)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw invalid(
      certificate,
      `was not issued by the next one: ${error.message}`,
      `invalid certificates or certificate with subject ${quote(certificate)} is not issued by ${quote(issuer)}. Error: ${error.upstreamText ?? error.message}`,
    )
  }
}

/** A signer that is its own root is no authority, so its own signature is checked without asking whether it may sign. */
function checkSelfSigned(certificate: Certificate): void {
  const { publicKey, signatureAlgorithm, tbs, signature, isSelfIssued } = certificate
  if (isSelfIssued && signatureAlgorithm && verifySignatureBytes(publicKey, signatureAlgorithm, tbs, signature)) return
  throw invalid(
    certificate,
    'is alone and did not sign itself',
    `invalid self-signed certificate. subject: ${quote(certificate)}`,
  )
}

function isSelfSigned(certificate: Certificate): boolean {
  try {
    verifyIssuedBy(certificate, certificate)
    return true
  } catch {
    return false
  }
}

function quote({ subject }: Certificate): string {
  return JSON.stringify(subject.text)
}

function invalid({ subject }: Certificate, problem: string, upstreamReason: string): AttestorError {
  return new AttestorError('ATTESTOR_CERTIFICATE_INVALID', `certificate \`${subject.text}\` ${problem}`, {
    upstreamText: `certificate-chain is invalid, ${upstreamReason}`,
  })
}
