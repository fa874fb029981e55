import { anAbortSignal, aDate, arrayOf, oneOf, type OptionTable } from '@verify-images/primitives'
import type { ImageVerification } from '@verify-images/policy-parser'
import { evaluateAttestations, type VerifiedAttestationSets } from './attestors/evaluate-attestations.ts'
import { evaluateSignatures } from './attestors/evaluate-signatures.ts'
import type { AttestorFinding } from './attestors/finding.ts'
import { inspectEntry } from './attestors/inspect.ts'
import type { StatementJudge } from './attestors/statement-conditions.ts'
import { bundleOptions, bundleVerifier, type BundleVerifierOptions } from './bundle/bundle-verifier.ts'
import { checkOptions } from './check-options.ts'
import { cosignVerifier } from './cosign/cosign-verifier.ts'
import { cosignOptions, type CosignVerifierOptions } from './cosign/options.ts'
import { withFallbackFormat } from './fallback-format.ts'
import type { Outcome } from './outcome.ts'
import type { ImageSubject, KeyResolver } from './ports.ts'
import {
  aSignatureVerifier,
  type SignatureVerifier,
  type VerificationRun,
  type VerifiedSignature,
} from './signature-verifier.ts'

export interface AttestorEvaluatorOptions extends CosignVerifierOptions, BundleVerifierOptions {
  /**
   * With `auto`, rules of type SigstoreBundle also find signatures that cosign stored under a tag, and rules of type
   * Cosign also find bundles. Kyverno finds neither, so this admits more; such evidence is marked.
   */
  readonly discovery?: 'as-kyverno' | 'auto' | undefined
  /**
   * Verifiers of further signature types, or replacements of the built-in ones: of several for one type, the last
   * counts.
   */
  readonly verifiers?: readonly SignatureVerifier[] | undefined
}

export const attestorEvaluatorOptions: OptionTable<AttestorEvaluatorOptions> = {
  ...cosignOptions,
  ...bundleOptions,
  discovery: oneOf('as-kyverno', 'auto'),
  verifiers: arrayOf(aSignatureVerifier),
}

/** Verifies images against the attestors of policies. Immutable; safe to share. */
export interface AttestorEvaluator {
  /**
   * Returns the problems and warnings of an entry that are known before any image.
   *
   * @param path the path of the entry in the policy
   * @param run with `keys: undefined`, a named key is a problem; without `run`, named keys are not checked
   */
  inspect(
    entry: ImageVerification,
    path: string,
    run?: { readonly keys: KeyResolver | undefined },
  ): readonly AttestorFinding[]
  /** Verifies that the image is signed as all `attestors` of the entry require; rejects an entry without any. */
  verifySignatures(
    entry: ImageVerification,
    image: ImageSubject,
    run: VerificationRun,
  ): Promise<Outcome<VerifiedSignature>>
  /** Verifies that the image is attested as all `attestations` of the entry require; rejects an entry without any. */
  verifyAttestations(
    entry: ImageVerification,
    image: ImageSubject,
    run: VerificationRun,
    judge: StatementJudge,
  ): Promise<Outcome<VerifiedAttestationSets>>
}

/**
 * Creates an evaluator for signatures of type Cosign and SigstoreBundle, and for the types of `verifiers`.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID
 * @example
 * const evaluator = createAttestorEvaluator()
 * const outcome = await evaluator.verifySignatures(entry, image, run)
 */
export function createAttestorEvaluator(options: AttestorEvaluatorOptions = {}): AttestorEvaluator {
  checkOptions(options, attestorEvaluatorOptions)
  const verifiers = new Map(
    [...builtInVerifiers(options), ...(options.verifiers ?? [])].map((verifier) => [verifier.signatureType, verifier]),
  )
  return {
    inspect: (entry, path, run) => inspectEntry(entry, path, { ...options, ...run }),
    verifySignatures: async (verification, image, run) =>
      evaluateSignatures({ verification, image, run: checkRun(run), verifiers }),
    verifyAttestations: async (verification, image, run, judge) =>
      evaluateAttestations({ verification, image, run: checkRun(run), verifiers }, judge),
  }
}

function checkRun(run: VerificationRun): VerificationRun {
  const { now, signal } = run ?? {}
  checkOptions({ now, signal }, { now: aDate, signal: anAbortSignal }, { required: ['now', 'signal'] })
  return run
}

function builtInVerifiers(options: AttestorEvaluatorOptions): readonly SignatureVerifier[] {
  const cosign = cosignVerifier(options)
  const bundles = bundleVerifier(options)
  return options.discovery === 'auto'
    ? [withFallbackFormat(cosign, bundles), withFallbackFormat(bundles, cosign)]
    : [cosign, bundles]
}
