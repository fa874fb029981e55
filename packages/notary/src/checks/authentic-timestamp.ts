import { CheckError } from '@verify-images/primitives'
import { CertificateError, verifyTimestampTokenInSlices } from '@verify-images/x509'
import type { Certificate, CertificateChain, VerifiedTimestamp, Work } from '@verify-images/x509'
import { checkCertificateChain } from '../certificates/certificate-chain.ts'
import type { Envelope } from '../envelope/envelope.ts'
import { shown } from '../notary-error.ts'
import type { TrustPolicyStatement } from '../trust/statement.ts'

/** A time at which the signature existed, and where it comes from. */
export interface AuthenticTime {
  readonly source: 'evaluation' | 'timestamp-authority' | 'signing-authority'
  readonly at: Date
  /** The chain of the timestamp authority, whose certificates may have been revoked too. */
  readonly authorityChain?: CertificateChain
}

export interface TimestampPolicy {
  readonly verifyTimestamp: TrustPolicyStatement['verifyTimestamp']
  /** The roots in the timestamp stores; absent when the statement names no timestamp store. */
  readonly timestampRoots?: readonly Certificate[]
}

/**
 * Returns a time at which the signature existed and every certificate of the signer was valid.
 *
 * With a signing authority it is the signed time. Otherwise it is the time of a trusted timestamp; without timestamp
 * stores it is now. The signer's own signing time is not evidence.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_EXPIRED, ATTESTOR_TIMESTAMP_MISSING, ATTESTOR_TIMESTAMP_INVALID,
 *   ATTESTOR_CERTIFICATE_INVALID
 * @see Notary Project, trust store and trust policy: Timestamp Countersignature Verification
 */
export async function findAuthenticTime(
  envelope: Envelope,
  policy: TimestampPolicy,
  now: Date,
  work: Work,
): Promise<AuthenticTime> {
  const { chain, attributes } = envelope
  if (attributes.signingScheme === 'notary.x509.signingAuthority') {
    const at = attributes.signingTime
    checkValidity(chain, 'signing-authority', at, at)
    return { source: 'signing-authority', at }
  }
  const hasExpired = chain.some(({ notAfter }) => now > notAfter)
  if (!policy.timestampRoots || (policy.verifyTimestamp === 'afterCertExpiry' && !hasExpired)) {
    checkValidity(chain, 'evaluation', now, now)
    return { source: 'evaluation', at: now }
  }
  return timestampedTime(envelope, policy.timestampRoots, work)
}

/** Rejects a chain with a certificate that was not valid during the whole of `earliest` to `latest`. */
function checkValidity(
  chain: CertificateChain,
  clock: 'evaluation' | 'timestamp' | 'signing-authority',
  earliest: Date,
  latest: Date,
): void {
  for (const { subject, notBefore, notAfter } of chain) {
    const outside = earliest < notBefore ? earliest : latest > notAfter ? latest : undefined
    if (!outside) continue
    const bounds = { notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() }
    throw new CheckError(
      'ATTESTOR_CERTIFICATE_EXPIRED',
      `certificate \`${shown(subject.text)}\` was not valid at ${outside.toISOString()}, when the signature is known to have existed`,
      {
        expected: `${bounds.notBefore} – ${bounds.notAfter}`,
        actual: outside.toISOString(),
        detail: {
          kind: 'notary-certificate-validity',
          subject: subject.text,
          clock,
          at: outside.toISOString(),
          ...bounds,
        },
      },
    )
  }
}

async function timestampedTime(
  { chain, signature, timestampToken }: Envelope,
  roots: readonly Certificate[],
  work: Work,
): Promise<AuthenticTime> {
  if (!timestampToken) {
    throw new CheckError('ATTESTOR_TIMESTAMP_MISSING', 'the signature has no timestamp', {
      detail: { kind: 'notary-timestamp-missing' },
    })
  }
  const timestamp = await verifyToken(timestampToken, signature, roots, work)
  await checkCertificateChain(timestamp.chain, 'timestamping', work)
  const [time, accuracy] = [timestamp.time.getTime(), accuracyOf(timestamp)]
  checkValidity(chain, 'timestamp', new Date(time - accuracy), new Date(time + accuracy))
  return { source: 'timestamp-authority', at: timestamp.time, authorityChain: timestamp.chain }
}

async function verifyToken(
  token: Uint8Array,
  timestamped: Uint8Array,
  roots: readonly Certificate[],
  work: Work,
): Promise<VerifiedTimestamp> {
  try {
    const authorities = [{ intermediates: [], roots }]
    return await verifyTimestampTokenInSlices({ token, timestamped, authorities }, work)
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    const { message: problem, detail: certificate } = cause
    throw new CheckError('ATTESTOR_TIMESTAMP_INVALID', problem, {
      cause,
      detail: { kind: 'notary-timestamp-invalid', problem, ...(certificate && { certificate }) },
    })
  }
}

/** With ETSI's baseline policy, a timestamp without an accuracy is exact to a second. @see ETSI EN 319 421, 5.2 */
const BASELINE_POLICY = '0.4.0.2023.1.1'

function accuracyOf({ accuracyMs, policy }: VerifiedTimestamp): number {
  return accuracyMs || (policy === BASELINE_POLICY ? 1000 : 0)
}
