import { AttestorError, certificateSigner, createVerificationMemo } from '@verify-images/attestor-evaluator'
import type {
  ArtifactSource,
  Evidence,
  ImageSubject,
  NotaryEvidence,
  Outcome,
  Signer,
} from '@verify-images/attestor-evaluator'
import { anAbortSignal, aTime, type Digest, type OptionTable, withMethods } from '@verify-images/primitives'
import { resolveArtifact } from './artifact/artifact.ts'
import { verifyArtifact } from './artifact/verify-artifact.ts'
import { checkOptions } from './check-options.ts'
import { evidenceOf } from './evidence.ts'
import { notaryVerifierOptions } from './notary-verifier.ts'
import type { NotaryVerifierOptions } from './notary-verifier.ts'
import { readTrust } from './notary-trust.ts'
import { outcomeOfError, outcomeOfUnverified } from './outcome.ts'
import type { TargetDescriptor } from './payload.ts'
import { selectStatement } from './trust/statement.ts'
import type { TrustPolicyStatement } from './trust/statement.ts'
import { verifyEnvelope } from './verify-envelope.ts'
import type { VerificationPolicy } from './verify-envelope.ts'

export type TrustPolicyVerifierOptions = NotaryVerifierOptions & Required<Pick<NotaryVerifierOptions, 'trustPolicy'>>

/** The statement says that nothing is verified: neither a pass nor a failure, and for the caller to decide about. */
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

/** One signature envelope and what it should be of. */
export interface NotarySignature {
  readonly mediaType: string
  readonly envelope: Uint8Array
  readonly target: TargetDescriptor
  /** Where the artifact is, as `host[:port]/path`: it selects the statement. */
  readonly repository: string
}

export interface TrustPolicyRun {
  /** The clock reading signatures are held against. */
  readonly now: Date
  readonly signal?: AbortSignal
}

type SourceRun = TrustPolicyRun & { readonly source: ArtifactSource }

const runOptions: OptionTable<SourceRun> = {
  now: aTime,
  signal: anAbortSignal,
  source: withMethods('an artifact source', 'fetchManifest', 'fetchBlob', 'listReferrers'),
}

/** Verifies as `notation verify` does: by a trust policy document and trust stores, without any Kyverno policy. */
export interface TrustPolicyVerifier {
  /** Holds one envelope, wherever it comes from, against the statement for its repository. */
  verifySignature(signature: NotarySignature, run: TrustPolicyRun): Promise<Outcome<VerifiedNotarySignature> | Skipped>
  /** Looks for a signature of an image in its registry. */
  verifyImage(image: ImageSubject, run: SourceRun): Promise<Outcome<VerifiedNotaryImage> | Skipped>
}

/**
 * A verifier by a trust policy document.
 *
 * Methods never throw for what they find, only for a run without a time; what the level of the statement only logs is in `notary.validations`.
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
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `no statement of the trust policy is for \`${repository}\``, {
      upstreamText: `artifact ${JSON.stringify(repository)} has no applicable oci trust policy statement`,
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
        // The bytes are the caller's until the first wait.
        const request = { mediaType, bytes: Uint8Array.from(envelope), target: { ...target } }
        const { signer, notary } = await verifyEnvelope(
          request,
          { ...general, statement },
          { now, signal, memo: createVerificationMemo() },
        )
        return { kind: 'accepted', signer: certificateSigner(signer), notary }
      } catch (error) {
        return outcomeOfError(
          error,
          { path: 'trustPolicies', image: { reference: `${repository}@${target.digest}`, repository } },
          signal,
        )
      }
    },
    async verifyImage(image, run): Promise<Outcome<VerifiedNotaryImage> | Skipped> {
      checkOptions(run, runOptions, { required: ['now', 'source'] })
      const { source, now, signal = new AbortController().signal } = run
      const place = { path: 'trustPolicies', image }
      try {
        const statement = statementFor(image.repository)
        if (statement.level === 'skip') return { kind: 'skipped', statement: statement.name }
        const artifact = await resolveArtifact(image, { source, signal }, (text) => text)
        const result = await verifyArtifact(
          artifact,
          { ...general, statement },
          { source, now, signal, memo: createVerificationMemo() },
        )
        if (!('verified' in result)) return outcomeOfUnverified(result, place)
        const { digest } = artifact.descriptor
        return { kind: 'accepted', digest, evidence: evidenceOf(result, digest) }
      } catch (error) {
        return outcomeOfError(error, place, signal)
      }
    },
  }
}
