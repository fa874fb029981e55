import { yieldIfDue } from '@verify-images/primitives'
import { CertificateError, verifyIssuedBy, verifySignatureBytes } from '@verify-images/x509'
import type { Certificate, Work } from '@verify-images/x509'
import { checkAuthority, checkSigner, invalidCertificate } from './certificate-requirements.ts'
import type { ChainPurpose } from './certificate-requirements.ts'

/**
 * Checks a chain against the specification, without regard to trust: from the signer to a self-signed root, each
 * certificate issued by the next, path lengths kept, CAs that may issue, and a signer that is not a CA.
 *
 * As the specification demands, extensions other than basic constraints and the key usages are ignored. Validity is
 * checked elsewhere, because it needs a time. The certificates are counted, and the event loop may turn between them:
 * anyone who may push chooses them.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_INVALID, ATTESTOR_BUDGET_EXCEEDED; the reason of an aborted signal
 * @see Notary Project, signature specification: Certificate Requirements
 */
export async function checkCertificateChain(
  chain: readonly [Certificate, ...Certificate[]],
  purpose: ChainPurpose,
  { signal, budget, by }: Work,
): Promise<void> {
  const [signer] = chain
  budget.spend('certificates', chain.length, by)
  if (chain.length === 1) {
    if (!isSelfSigned(signer)) throw invalidCertificate(signer, 'is the only certificate and not self-signed')
    checkSigner(signer, purpose)
    return
  }
  for (const [i, certificate] of chain.entries()) {
    await yieldIfDue(signal)
    const issuer = chain[i + 1]
    if (issuer) checkLink(certificate, issuer)
    else if (!isOwnIssuer(certificate))
      throw invalidCertificate(certificate, 'is the last of the chain and not a self-signed root')
    if (i === 0) checkSigner(certificate, purpose)
    else checkAuthority(certificate, i - 1, purpose)
  }
}

function checkLink(certificate: Certificate, issuer: Certificate): void {
  if (isOwnIssuer(certificate)) throw invalidCertificate(certificate, 'is self-signed and not the last of the chain')
  try {
    verifyIssuedBy(certificate, issuer)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw invalidCertificate(certificate, `was not issued by the next of the chain: ${error.message}`)
  }
}

/** Returns whether a certificate signed itself, as a CA or as a signer: the permission to issue is not required. */
export function isSelfSigned({ publicKey, signatureAlgorithm, tbs, signature, isSelfIssued }: Certificate): boolean {
  return (
    isSelfIssued &&
    signatureAlgorithm !== undefined &&
    verifySignatureBytes(publicKey, signatureAlgorithm, tbs, signature)
  )
}

/** Returns whether a certificate is a self-signed root: a CA that issued itself. */
export function isOwnIssuer(certificate: Certificate): boolean {
  try {
    verifyIssuedBy(certificate, certificate)
    return true
  } catch {
    return false
  }
}
