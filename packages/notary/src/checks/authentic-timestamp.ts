import { AttestorError } from '@verify-images/attestor-evaluator'
import { CertificateError, verifyTimestampToken } from '@verify-images/x509'
import type { Certificate, CertificateChain, VerifiedTimestamp } from '@verify-images/x509'
import { checkCertificateChain } from '../certificates/certificate-chain.ts'
import type { Envelope } from '../envelope/envelope.ts'
import type { TrustPolicyStatement } from '../trust/statement.ts'
import { formatMessageTime } from './message-time.ts'

/** A time at which the signature existed, and who says so. */
export interface AuthenticTime {
  readonly source: 'evaluation' | 'timestamp-authority' | 'signing-authority'
  readonly at: Date
  /** Of the timestamp authority, whose certificates may have been revoked as well. */
  readonly authorityChain?: CertificateChain
}

export interface TimestampPolicy {
  readonly verifyTimestamp: TrustPolicyStatement['verifyTimestamp']
  /** Roots of the timestamp stores; absent when the statement names no such store. */
  readonly timestampRoots?: readonly Certificate[]
}

/**
 * A time at which every certificate of the signer was valid and the signature existed.
 *
 * A signing authority vouches for the time it wrote. Else it is the time a trusted timestamp authority stamped; and
 * without any that is trusted it is now. What the signer itself says of the time is no evidence.
 *
 * @throws AttestorError ATTESTOR_CERTIFICATE_EXPIRED, ATTESTOR_TIMESTAMP_MISSING, ATTESTOR_TIMESTAMP_INVALID
 * @see Notary Project, trust store and trust policy: Timestamp Countersignature Verification
 */
export function findAuthenticTime(envelope: Envelope, policy: TimestampPolicy, now: Date): AuthenticTime {
  const { chain, attributes } = envelope
  if (attributes.signingScheme === 'notary.x509.signingAuthority')
    return signingAuthorityTime(chain, attributes.signingTime)
  const expired = chain.some(({ notAfter }) => now > notAfter)
  if (!policy.timestampRoots || (policy.verifyTimestamp === 'afterCertExpiry' && !expired))
    return currentTime(chain, now)
  return stampedTime(envelope, policy.timestampRoots)
}

function signingAuthorityTime(chain: CertificateChain, at: Date): AuthenticTime {
  const invalid = chain.find(({ notBefore, notAfter }) => at < notBefore || at > notAfter)
  if (invalid)
    throw expired(
      invalid,
      `certificate ${quote(invalid)} was not valid when the digital signature was produced at "${formatMessageTime(at)}"`,
    )
  return { source: 'signing-authority', at }
}

function currentTime(chain: CertificateChain, now: Date): AuthenticTime {
  for (const certificate of chain) {
    if (now < certificate.notBefore)
      throw expired(
        certificate,
        `verification time is before certificate ${quote(certificate)} validity period, it will be valid from "${formatMessageTime(certificate.notBefore)}"`,
      )
    if (now > certificate.notAfter)
      throw expired(
        certificate,
        `verification time is after certificate ${quote(certificate)} validity period, it was expired at "${formatMessageTime(certificate.notAfter)}"`,
      )
  }
  return { source: 'evaluation', at: now }
}

function stampedTime({ chain, signature, timestampToken }: Envelope, roots: readonly Certificate[]): AuthenticTime {
  if (!timestampToken) {
    throw new AttestorError('ATTESTOR_TIMESTAMP_MISSING', 'the signature has no timestamp', {
      upstreamText: 'no timestamp countersignature was found in the signature envelope',
    })
  }
  const stamp = verifyToken(timestampToken, signature, roots)
  checkCertificateChain(stamp.chain, 'timestamping')
  const accuracy = accuracyOf(stamp)
  const [earliest, latest] = [new Date(stamp.time.getTime() - accuracy), new Date(stamp.time.getTime() + accuracy)]
  for (const certificate of chain) {
    if (earliest < certificate.notBefore)
      throw expired(
        certificate,
        `timestamp can be before certificate ${quote(certificate)} validity period, it will be valid from "${formatMessageTime(certificate.notBefore)}"`,
      )
    if (latest > certificate.notAfter)
      throw expired(
        certificate,
        `timestamp can be after certificate ${quote(certificate)} validity period, it was expired at "${formatMessageTime(certificate.notAfter)}"`,
      )
  }
  return { source: 'timestamp-authority', at: stamp.time, authorityChain: stamp.chain }
}

function verifyToken(token: Uint8Array, stamped: Uint8Array, roots: readonly Certificate[]): VerifiedTimestamp {
  try {
    return verifyTimestampToken({ token, timestamped: stamped, authorities: [{ intermediates: [], roots }] })
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new AttestorError('ATTESTOR_TIMESTAMP_INVALID', error.message, {
      upstreamText: `failed to verify the timestamp countersignature with error: ${error.upstreamText ?? error.message}`,
      cause: error,
    })
  }
}

/** An authority that follows the baseline policy of ETSI and says nothing is exact to a second. @see ETSI EN 319 421, 5.2 */
const BASELINE_POLICY = '0.4.0.2023.1.1'

function accuracyOf({ accuracyMs, policy }: VerifiedTimestamp): number {
  return accuracyMs || (policy === BASELINE_POLICY ? 1000 : 0)
}

function quote({ subject }: Certificate): string {
  return JSON.stringify(subject.text)
}

function expired({ subject, notBefore, notAfter }: Certificate, upstreamText: string): AttestorError {
  return new AttestorError(
    'ATTESTOR_CERTIFICATE_EXPIRED',
    `certificate \`${subject.text}\` was not valid when the signature is known to have existed`,
    {
      expected: `${notBefore.toISOString()} – ${notAfter.toISOString()}`,
      upstreamText,
    },
  )
}
