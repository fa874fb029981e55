import { AttestorError } from '@verify-images/attestor-evaluator'
import type { Certificate } from '@verify-images/x509'

/** A certificate that is trusted, and the store that says so. */
export interface TrustedCertificate {
  readonly store: string
  readonly certificate: Certificate
}

/**
 * The first certificate of a chain that is trusted, from the signer upwards.
 *
 * Certificates are the same when their bytes are; a name proves nothing. The chain has been verified link by link, so any
 * of its certificates vouches for the signer.
 *
 * @throws AttestorError ATTESTOR_CERTIFICATE_UNTRUSTED
 * @see Notary Project, trust store and trust policy: Authenticity
 */
export function findTrusted(chain: readonly Certificate[], trusted: readonly TrustedCertificate[]): TrustedCertificate {
  if (trusted.length === 0) {
    throw new AttestorError('ATTESTOR_CERTIFICATE_UNTRUSTED', 'no certificates are trusted for the signing scheme', {
      upstreamText: 'no trusted certificates are found to verify authenticity',
    })
  }
  for (const { fingerprint } of chain) {
    const found = trusted.find(({ certificate }) => certificate.fingerprint === fingerprint)
    if (found) return found
  }
  throw new AttestorError('ATTESTOR_CERTIFICATE_UNTRUSTED', 'no certificate of the signer is trusted', {
    actual: chain.at(-1)?.subject.text ?? '',
    upstreamText: "the signature's certificate chain does not contain any trusted certificate",
  })
}
