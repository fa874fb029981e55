import { createHash } from 'node:crypto'
import type { EvaluationBudget, VerificationMemo } from '@verify-images/primitives'
import { CheckError } from '@verify-images/primitives'
import type { Certificate, Work } from '@verify-images/x509'
import { findAuthenticTime } from './checks/authentic-timestamp.ts'
import type { AuthenticTime } from './checks/authentic-timestamp.ts'
import { askRevocation, checkAnswers } from './checks/revocation.ts'
import type { RevocationCheck } from './checks/revocation.ts'
import type { Envelope, SignedAttributes } from './envelope/envelope.ts'
import { openEnvelope } from './envelope/open-envelope.ts'
import { envelopeEvidence } from './evidence.ts'
import type { NotaryEvidence, Trust } from './evidence.ts'
import { checkTarget, checkUserMetadata, readPayload } from './payload.ts'
import type { TargetDescriptor } from './payload.ts'
import type { RevocationChecker } from './revocation/revocation-checker.ts'
import type { TrustPolicyStatement } from './trust/statement.ts'
import { findTrusted, storesOf } from './trust/trust-store.ts'
import type { TrustedCertificate, TrustStores } from './trust/trust-store.ts'
import { matchIdentity } from './trust/trusted-identity.ts'
import { ValidationSteps } from './validation-steps.ts'

/** What a verification depends on, besides the signature and the artifact. */
export interface VerificationPolicy {
  readonly statement: TrustPolicyStatement
  readonly stores: TrustStores
  /** Certificates of which one must be in the chain, in addition to what the statement requires. */
  readonly pinned?: readonly TrustedCertificate[]
  readonly userMetadata: Readonly<Record<string, string>>
  readonly revocation?: RevocationChecker
}

export interface EnvelopeToVerify {
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly target: TargetDescriptor
  /** `repository@digest` of what is signed. The error of the budget names it. */
  readonly reference: string
}

export interface VerificationClock {
  readonly now: Date
  readonly signal: AbortSignal
  readonly memo: VerificationMemo
  readonly budget: EvaluationBudget
}

/** A signature of the target that satisfies the policy. Only `verifyEnvelope` makes one. */
export interface VerifiedEnvelope {
  readonly format: Envelope['format']
  readonly signer: Certificate
  /** Absent if the envelope has none and the level only logs that. */
  readonly time?: AuthenticTime
  readonly notary: NotaryEvidence
}

/**
 * Verifies one signature envelope: integrity, authenticity, expiry, authentic timestamp, revocation, and the signed
 * target, in the order of notation.
 *
 * A failure that the level only logs does not stop it and is part of the evidence. Integrity, target and user metadata
 * are always enforced. Revocation of a chain that is not trusted is not checked, so that a stranger cannot make us send
 * requests.
 *
 * @throws CheckError for the first enforced failure
 * @see Notary Project, trust store and trust policy: Signature Verification
 */
export async function verifyEnvelope(
  request: EnvelopeToVerify,
  policy: VerificationPolicy,
  clock: VerificationClock,
): Promise<VerifiedEnvelope> {
  const work = { signal: clock.signal, budget: clock.budget, by: request.reference }
  const envelope = await openOnce(request, clock.memo, work)
  const steps = new ValidationSteps(policy.statement)
  steps.run('integrity', () => undefined)
  const trust = steps.run('authenticity', () => checkAuthenticity(envelope, policy))
  if (policy.pinned) findTrusted(envelope.chain, policy.pinned)
  const trusted = trust !== undefined || policy.pinned !== undefined
  steps.run('expiry', () => checkExpiry(envelope.attributes, clock.now))

  const check: RevocationCheck = {
    ...clock,
    by: request.reference,
    ...(policy.revocation && { checker: policy.revocation }),
  }
  const answers: NotaryEvidence['revocation'][number][] = []
  const time = await steps.runAsync('authenticTimestamp', () => checkTime(envelope, policy, check, work, answers))
  await steps.runAsync('revocation', () => checkRevocation(envelope, check, trusted, answers))

  const payload = readPayload(envelope.payload)
  checkTarget(payload, request.target)
  checkUserMetadata(payload, policy.userMetadata)
  return {
    format: envelope.format,
    signer: envelope.chain[0],
    ...(time && { time }),
    notary: envelopeEvidence(envelope, payload, policy.statement, {
      trust,
      time,
      answers,
      validations: steps.validations,
    }),
  }
}

/** Integrity depends only on the bytes and their media type, so it is verified once. */
function openOnce({ mediaType, bytes }: EnvelopeToVerify, memo: VerificationMemo, work: Work): Promise<Envelope> {
  const digest = createHash('sha256').update(bytes).digest('hex')
  return memo.always(`notary envelope ${digest} ${mediaType}`, 10 * bytes.length, () =>
    openEnvelope(mediaType, bytes, work),
  )
}

function checkAuthenticity({ chain, attributes }: Envelope, { statement, stores }: VerificationPolicy): Trust {
  const type = attributes.signingScheme === 'notary.x509' ? 'ca' : 'signingAuthority'
  const trusted = findTrusted(chain, storesOf(statement, type, stores))
  return { ...trusted, identity: matchIdentity(chain[0], statement.trustedIdentities, statement.name).text }
}

/**
 * Rejects a signature whose expiry has passed.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_EXPIRED
 * @see Notary Project, signature specification: Expiry
 */
function checkExpiry({ expiry: time }: SignedAttributes, now: Date): void {
  if (!time || now < time) return
  const expiry = time.toISOString()
  throw new CheckError('ATTESTOR_SIGNATURE_EXPIRED', `the signature expired at ${expiry}`, {
    detail: { kind: 'notary-signature-expired', expiry },
  })
}

/** A timestamp of a revoked authority is not evidence, so its revocation is part of this validation. */
async function checkTime(
  envelope: Envelope,
  { statement, stores }: VerificationPolicy,
  check: RevocationCheck,
  work: Work,
  answers: NotaryEvidence['revocation'][number][],
): Promise<AuthenticTime> {
  const named = statement.trustStores.some(({ type }) => type === 'tsa')
  const time = await findAuthenticTime(
    envelope,
    {
      verifyTimestamp: statement.verifyTimestamp,
      ...(named && { timestampRoots: storesOf(statement, 'tsa', stores).map(({ certificate }) => certificate) }),
    },
    check.now,
    work,
  )
  if (time.authorityChain) {
    const found = await askRevocation(time.authorityChain, check)
    answers.push(...found)
    checkAnswers(found, 'timestamping')
  }
  return time
}

async function checkRevocation(
  { chain, attributes }: Envelope,
  check: RevocationCheck,
  trusted: boolean,
  answers: NotaryEvidence['revocation'][number][],
): Promise<void> {
  if (!trusted)
    throw new CheckError('ATTESTOR_REVOCATION_UNKNOWN', 'revocation was not checked, because the signer is not trusted')
  const signedAt = attributes.signingScheme === 'notary.x509.signingAuthority' ? attributes.signingTime : undefined
  const found = await askRevocation(chain, check, signedAt)
  answers.unshift(...found)
  checkAnswers(found, 'signing')
}
