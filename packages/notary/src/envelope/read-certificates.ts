import { AttestorError } from '@verify-images/attestor-evaluator'
import { CertificateError, parseCertificate } from '@verify-images/x509'
import type { CertificateChain } from '@verify-images/x509'
import { MAX_CHAIN_CERTIFICATES } from '../limits.ts'
import { refuseEnvelope } from './refusal.ts'

/**
 * Reads the certificates an envelope brings, the signer's first.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_CERTIFICATE_INVALID
 */
export function readCertificates(encoded: readonly Uint8Array[]): CertificateChain {
  if (encoded.length > MAX_CHAIN_CERTIFICATES) {
    throw refuseEnvelope(`${encoded.length} certificates, at most ${MAX_CHAIN_CERTIFICATES} are read`)
  }
  const [leaf, ...others] = encoded.map((der, i) => {
    try {
      return parseCertificate(der)
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      throw new AttestorError('ATTESTOR_CERTIFICATE_INVALID', `certificate ${i} of the signature: ${error.message}`, {
        upstreamText: i === 0 ? 'malformed leaf certificate' : (error.upstreamText ?? error.message),
        cause: error,
      })
    }
  })
  if (!leaf)
    throw refuseEnvelope('the envelope has no certificates', { upstreamText: 'certificate chain is not present' })
  return [leaf, ...others]
}
