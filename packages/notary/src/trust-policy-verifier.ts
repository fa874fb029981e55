import type {
  ArtifactSource,
  Evidence,
  ImageSubject,
  NotaryEvidence,
  Outcome,
  Signer,
} from '@verify-images/attestor-evaluator'
import {
  CheckError,
  anAbortSignal,
  aDate,
  createEvaluationBudget,
  createVerificationMemo,
  failureOf,
  refusalOf,
  withMethods,
} from '@verify-images/primitives'
import type { Digest, OptionTable } from '@verify-images/primitives'
import { resolveArtifact } from './artifact/artifact.ts'
import { verifyArtifact } from './artifact/verify-artifact.ts'
import { certificateSigner, evidenceOf } from './evidence.ts'
import { checkOptions } from './notary-error.ts'
import { notaryVerifierOptions } from './notary-verifier.ts'
import type { NotaryVerifierOptions } from './notary-verifier.ts'
import { readTrust } from './notary-trust.ts'
import type { TargetDescriptor } from './payload.ts'
import { selectStatement } from './trust/statement.ts'
import type { TrustPolicyStatement } from './trust/statement.ts'
import { verifyEnvelope } from './verify-envelope.ts'
import type { VerificationPolicy } from './verify-envelope.ts'

export type TrustPolicyVerifierOptions = NotaryVerifierOptions & Required<Pick<NotaryVerifierOptions, 'trustPolicy'>>

/** The statement skips verification: neither accepted nor rejected, the caller decides. */
export interface Skipped {
  readonly kind: 'skipped'
  readonly statement: string
}

export interface VerifiedNotarySignature {
  readonly signer: Signer
  readonly notary: NotaryEvidence
}

export interface VerifiedNotaryImage {
  readonly digest: Digest
  readonly evidence: Evidence
}

/** One signature envelope and the artifact that it should be for. */
export interface NotarySignature {
  readonly mediaType: string
  readonly envelope: Uint8Array
  readonly target: TargetDescriptor
  /** The repository of the artifact, as `host[:port]/path`: it selects the statement. */
  readonly repository: string
}

export interface TrustPolicyRun {
  /** The time at which signatures are verified. */
  readonly now: Date
  readonly signal?: AbortSignal
}

type SourceRun = TrustPolicyRun & { readonly source: ArtifactSource }

const runOptions: OptionTable<SourceRun> = {
  now: aDate,
  signal: anAbortSignal,
  source: withMethods('an artifact source', 'fetchManifest', 'fetchBlob', 'listReferrers'),
}

/** Verifies as `notation verify` does: with a trust policy document and trust stores, without a Kyverno policy. */
export interface TrustPolicyVerifier {
  /** Verifies one envelope against the statement for its repository. */
  verifySignature(signature: NotarySignature, run: TrustPolicyRun): Promise<Outcome<VerifiedNotarySignature> | Skipped>
  /** Verifies an image by the signatures in its registry. */
  verifyImage(image: ImageSubject, run: SourceRun): Promise<Outcome<VerifiedNotaryImage> | Skipped>
}

/**
 * Creates a verifier for a trust policy document.
 *
 * What is wrong with a signature is an outcome, never thrown. Failures that the level of the statement only logs are in
 * `notary.validations`.
 *
 * @throws NotaryError NOTARY_OPTIONS_INVALID, NOTARY_TRUST_POLICY_INVALID, NOTARY_TRUST_STORE_INVALID
 * @see Notary Project, trust store and trust policy
 */
export function createTrustPolicyVerifier(options: TrustPolicyVerifierOptions): TrustPolicyVerifier {
  checkOptions(options, notaryVerifierOptions)
  const { policy, stores } = readTrust(options.trustPolicy)
  const general: Omit<VerificationPolicy, 'statement'> = {
    stores,
    userMetadata: { ...options.userMetadata },
    ...(options.revocation && { revocation: options.revocation }),
  }
  const statementFor = (repository: string): TrustPolicyStatement => {
    const statement = selectStatement(policy, repository)
    if (statement) return statement
    throw new CheckError('ATTESTOR_POLICY_INVALID', `the trust policy has no statement for \`${repository}\``, {
      detail: { kind: 'notary-trust-policy-missing', repository },
    })
  }
  return {
    async verifySignature(signature, run): Promise<Outcome<VerifiedNotarySignature> | Skipped> {
      checkOptions(run, runOptions, { required: ['now'] })
      const { now, signal = new AbortController().signal } = run
      const { repository, mediaType, envelope, target } = signature
      try {
        const statement = statementFor(repository)
        if (statement.level === 'skip') return { kind: 'skipped', statement: statement.name }
        // The caller may change its bytes after the first await.
        const reference = `${repository}@${target.digest}`
        const request = { mediaType, bytes: Uint8Array.from(envelope), target: { ...target }, reference }
        const { signer, notary } = await verifyEnvelope(
          request,
          { ...general, statement },
          { now, signal, memo: createVerificationMemo(), budget: createEvaluationBudget() },
        )
        return { kind: 'accepted', signer: certificateSigner(signer), notary }
      } catch (error) {
        const place = { path: 'trustPolicies', image: `${repository}@${target.digest}` }
        return refusalOf(failureOf(error, place, signal))
      }
    },
    async verifyImage(image, run): Promise<Outcome<VerifiedNotaryImage> | Skipped> {
      checkOptions(run, runOptions, { required: ['now', 'source'] })
      const { source, now, signal = new AbortController().signal } = run
      const place = { path: 'trustPolicies', image: image.reference }
      try {
        const statement = statementFor(image.repository)
        if (statement.level === 'skip') return { kind: 'skipped', statement: statement.name }
        const artifact = await resolveArtifact(image, { source, signal })
        const result = await verifyArtifact(
          artifact,
          { ...general, statement },
          { source, now, signal, memo: createVerificationMemo(), budget: createEvaluationBudget() },
          place,
        )
        if (!('verified' in result)) return refusalOf(result)
        const { digest } = artifact.descriptor
        return { kind: 'accepted', digest, evidence: evidenceOf(result, digest) }
      } catch (error) {
        return refusalOf(failureOf(error, place, signal))
      }
    },
  }
}
