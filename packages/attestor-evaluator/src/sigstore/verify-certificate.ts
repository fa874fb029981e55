import { type AttestorCode, CheckError } from '@verify-images/primitives'
import { buildChainInSlices, type Certificate, CertificateError, type Work } from '@verify-images/x509'
import { type CertificateAuthority, isWithinWindow } from './trust-material.ts'

const codes: ReadonlyMap<string, AttestorCode> = new Map([
  ['CERTIFICATE_EXPIRED', 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['CERTIFICATE_UNTRUSTED', 'ATTESTOR_CERTIFICATE_UNTRUSTED'],
])

/**
 * What a leaf of a private authority may be: without extended key usage it is unrestricted, and a self-signed
 * certificate of `openssl req -x509` is a CA. An extended key usage that excludes code signing is still refused.
 *
 * @see Go, crypto/x509, Certificate.Verify with KeyUsages
 */
export const privateLeaf = { acceptMissingExtendedKeyUsage: true, acceptCaAsLeaf: true } as const

/**
 * Returns the chain from a signing certificate to a root of one authority, leaf first.
 *
 * Every certificate of the chain, and the authority's own window, must cover every given time: one honest clock is
 * enough to refuse what another one backdates. Certificates that came with the signature help to build, never to
 * anchor.
 *
 * @param times at least one
 * @throws CheckError ATTESTOR_CERTIFICATE_UNTRUSTED, ATTESTOR_CERTIFICATE_EXPIRED, ATTESTOR_CERTIFICATE_INVALID
 */
export async function verifySigningCertificate(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  authorities: readonly CertificateAuthority[],
  times: readonly Date[],
  work: Work,
): Promise<readonly [Certificate, ...Certificate[]]> {
  if (times.length === 0)
    throw new CheckError('ATTESTOR_TIMESTAMP_MISSING', 'no time to check the validity of the certificate at')
  let failure = new CheckError(
    'ATTESTOR_CERTIFICATE_UNTRUSTED',
    'no trusted certificate authority was valid at the time of the signature',
  )
  for (const authority of authorities) {
    if (!times.every((time) => isWithinWindow(authority.window, time))) continue
    try {
      return await buildChainInSlices(
        {
          leaf,
          intermediates: [...authority.intermediates, ...intermediates],
          roots: authority.roots,
          at: times,
          usage: 'codeSigning',
          ...(authority.isPrivate === true ? privateLeaf : {}),
        },
        work,
      )
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      failure = new CheckError(codes.get(error.code) ?? 'ATTESTOR_CERTIFICATE_INVALID', error.message, {
        ...(error.detail !== undefined && { detail: error.detail }),
        cause: error,
      })
    }
  }
  throw failure
}
