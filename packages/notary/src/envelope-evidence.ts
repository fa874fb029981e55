import type { NotaryEvidence, NotaryValidation } from '@verify-images/attestor-evaluator'
import type { AuthenticTime } from './checks/authentic-timestamp.ts'
import type { TrustedCertificate } from './checks/authenticity.ts'
import type { Envelope } from './envelope/envelope.ts'
import type { SignedPayload } from './payload.ts'
import type { TrustPolicyStatement } from './trust/statement.ts'

/** Why a signer is trusted: a certificate of a store, and the identity the signer matched. */
export interface Trust extends TrustedCertificate {
  readonly identity: string
}

/** What the validations found; `undefined` where one failed and that was only logged. */
export interface Findings {
  readonly trust: Trust | undefined
  readonly time: AuthenticTime | undefined
  readonly answers: NotaryEvidence['revocation']
  readonly validations: readonly NotaryValidation[]
}

/** All that is known of a verified envelope, as data. */
export function envelopeEvidence(
  { chain, attributes }: Envelope,
  payload: SignedPayload,
  statement: TrustPolicyStatement,
  { trust, time, answers, validations }: Findings,
): NotaryEvidence {
  const [authority] = time?.authorityChain ?? []
  return {
    trustPolicy: statement.name,
    level: statement.level,
    signingScheme: attributes.signingScheme,
    signingTime: attributes.signingTime.toISOString(),
    ...(attributes.expiry && { expiry: attributes.expiry.toISOString() }),
    chain: chain.map(({ subject, fingerprint, notBefore, notAfter }) => ({
      subject: subject.text,
      fingerprint,
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
    })),
    ...(trust && {
      trusted: {
        store: trust.store,
        subject: trust.certificate.subject.text,
        fingerprint: trust.certificate.fingerprint,
      },
      identity: trust.identity,
    }),
    ...(time && authority && { timestamp: { at: time.at.toISOString(), authority: authority.subject.text } }),
    revocation: answers.map(({ subject, status, source }) => ({ subject, status, ...(source && { source }) })),
    userMetadata: Object.fromEntries(payload.userMetadata),
    validations,
  }
}
