import type { SignatureType } from '@verify-images/policy-parser'
import {
  type Digest,
  type EvaluationBudget,
  type JsonObject,
  oneOf,
  type OptionKind,
  type PayloadReader,
  type Predicate,
  type Verified,
  withMethods,
} from '@verify-images/primitives'
import type { AttestorOptions } from './attestor-options.ts'
import type { Evidence, Outcome } from './outcome.ts'
import type { ArtifactSource, ImageSubject, KeyResolver } from './ports.ts'
import type { TrustMaterial, TrustOrigin } from './sigstore/trust-material.ts'
import type { VerificationMemo } from '@verify-images/primitives'

/**
 * One way of signing images. Cosign and Sigstore bundles are built in, Notary is a package of its own.
 *
 * A method never throws for what it finds in a registry or a policy: it returns an {@link Outcome}. What it may throw
 * is the reason of an aborted `signal`.
 */
export interface SignatureVerifier {
  readonly signatureType: SignatureType
  /** Holds one attestor against one image. */
  verifySignature(request: SignatureRequest, run: VerificationRun): Promise<Outcome<VerifiedSignature>>
  /**
   * Verifies the statements of one type that this attestor has signed about the image. None of the type is an accepted
   * empty list.
   */
  verifyAttestations(request: AttestationRequest, run: VerificationRun): Promise<Outcome<VerifiedAttestations>>
}

const methods = withMethods('a signature verifier', 'verifySignature', 'verifyAttestations')
const types = oneOf('Cosign', 'SigstoreBundle', 'Notary')

export const aSignatureVerifier: OptionKind = {
  expected: `${methods.expected} and a \`signatureType\` of ${types.expected}`,
  fits: (value) => methods.fits(value) && types.fits((value as SignatureVerifier).signatureType),
}

export interface SignatureRequest {
  readonly image: ImageSubject
  /** One entry of an attestor set, with what it inherits from the `verifyImages` entry. */
  readonly attestor: AttestorOptions
  /** Where the attestor stands in the policy, for {@link Reason.path}. */
  readonly path: string
}

export interface AttestationRequest extends SignatureRequest {
  /** The predicate type that is asked for. */
  readonly predicateType: string
  /**
   * Whether a statement that was not read could change the outcome: conditions or `deny` see it. Default: true. False
   * accepts those that were read, beside others beyond a limit or out of reach.
   */
  readonly everyStatementCounts?: boolean | undefined
}

/** What every check of one evaluation shares. */
export interface VerificationRun {
  readonly source: ArtifactSource
  /** Where named keys come from; without it a named key cannot be had. */
  readonly keys?: KeyResolver | undefined
  /** The public trust root, for attestors that state none of their own. */
  readonly trust?: TrustMaterialSource | undefined
  /** The one clock reading of the evaluation. */
  readonly now: Date
  readonly signal: AbortSignal
  readonly memo: VerificationMemo
  /** Parses verified payloads. Default: in memory, which blocks the event loop for large ones. */
  readonly payloads?: PayloadReader | undefined
  /** Spent before each piece of work whose amount a registry chooses. */
  readonly budget: EvaluationBudget
}

export interface TrustMaterialSource {
  /** The roots, logs and timestamp authorities to trust. Throws when they cannot be had. */
  load(signal: AbortSignal): Promise<TrustMaterial>
  /** How old the trust in use is, and why it is not newer; absent where that is unknown. */
  origin?(): TrustOrigin
}

export interface VerifiedSignature {
  readonly digest: Digest
  readonly evidence: readonly [Evidence, ...Evidence[]]
}

/** An in-toto statement about an image, as its author claims it. Conditions accept it only once it is `Verified`. */
export interface Statement {
  /** The predicate type, from the statement. */
  readonly type: string
  /** Conditions are evaluated over it. A large one is held as bytes. */
  readonly predicate: Predicate
  /** The statement without its predicate; `type` repeats the predicate type. */
  readonly document: JsonObject
}

export interface VerifiedStatement {
  readonly statement: Verified<Statement>
  readonly evidence: Evidence
}

export interface VerifiedAttestations {
  /** The image's digest, where it is known. */
  readonly digest?: Digest
  /** Those of the requested type by this attestor, in the order they were found. */
  readonly statements: readonly VerifiedStatement[]
  /** The predicates of statements of other types, whose signers have not been checked: used for messages only. */
  readonly otherPredicates?: readonly Predicate[]
}
