import type { Evidence, NotaryEvidence, NotaryValidation, Signer } from '@verify-images/attestor-evaluator'
import type { Digest } from '@verify-images/primitives'
import type { Certificate } from '@verify-images/x509'
import type { VerifiedArtifact } from './artifact/verify-artifact.ts'
import type { AuthenticTime } from './checks/authentic-timestamp.ts'
import type { Envelope } from './envelope/envelope.ts'
import type { SignedPayload } from './payload.ts'
import type { TrustPolicyStatement } from './trust/statement.ts'
import type { TrustedCertificate } from './trust/trust-store.ts'

export type { NotaryEvidence, NotaryValidation } from '@verify-images/attestor-evaluator'

/** Why a signer is trusted: a certificate of a store, and the trusted identity that the signer matches. */
export interface Trust extends TrustedCertificate {
  readonly identity: string
}

/** What the validations found; `undefined` where one failed and the trust policy only logs it. */
export interface Findings {
  readonly trust: Trust | undefined
  readonly time: AuthenticTime | undefined
  readonly answers: NotaryEvidence['revocation']
  readonly validations: readonly NotaryValidation[]
}

/** Returns the facts of a verified envelope as data. */
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

/** Returns the evidence of a verified artifact: who signed it, when, and how the trust policy applied. */
export function evidenceOf(
  { verified, signature, listedAt }: VerifiedArtifact,
  signedDigest: Digest,
  predicateType?: string,
): Evidence {
  const { format, signer, time, notary } = verified
  return {
    format: `notary-${format}`,
    signedDigest,
    artifact: signature,
    signer: certificateSigner(signer),
    times: time ? [{ source: time.source, at: time.at.toISOString() }] : [],
    ...(predicateType !== undefined && { predicateType }),
    ...(Object.keys(notary.userMetadata).length > 0 && { annotations: notary.userMetadata }),
    ...(listedAt && { listedAt }),
    notary,
  }
}

/** Returns a certificate as the signer. Fulcio's claims do not occur in certificates of the Notary Project. */
export function certificateSigner(certificate: Certificate): Signer {
  const { publicKey, subject, issuer, serialNumber, notBefore, notAfter, subjectAltNames } = certificate
  return {
    kind: 'certificate',
    fingerprint: publicKey.fingerprint,
    subject: subject.text,
    issuer: issuer.text,
    serialNumber: serialNumber.toString(16),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    subjectAltNames: subjectAltNames.flatMap((name) => ('text' in name && name.text !== undefined ? [name.text] : [])),
    claims: {},
  }
}
