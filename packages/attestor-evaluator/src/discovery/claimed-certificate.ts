import type { Certificate } from '@verify-images/x509'
import { certificateSigner } from '../identity/signer.ts'
import type { ClaimedCertificate, ClaimedSigner } from './claims.ts'

/** A certificate that came with a signature, and those that came along as its issuers. */
export function claimedCertificate(certificate: Certificate, issuers: readonly Certificate[]): ClaimedSigner {
  return { kind: 'certificate', certificate: facts(certificate), issuers: issuers.map(facts) }
}

function facts(certificate: Certificate): ClaimedCertificate {
  const { kind: _, ...described } = certificateSigner(certificate)
  return described
}
