import { anAbortSignal, aDate, arrayOf, oneOf, type OptionTable } from '@verify-images/primitives'
import type { ImageVerification } from '@verify-images/policy-parser'
import {
  evaluateAttestations,
  type StatementJudge,
  type VerifiedAttestationSets,
} from './attestors/evaluate-attestations.ts'
import { evaluateSignatures } from './attestors/evaluate-signatures.ts'
import type { AttestorFinding } from './attestors/finding.ts'
import { inspectEntry } from './attestors/inspect.ts'
import { bundleOptions, bundleVerifier, type BundleVerifierOptions } from './bundle/bundle-verifier.ts'
import { checkOptions } from './check-options.ts'
import { cosignVerifier } from './cosign/cosign-verifier.ts'
import { cosignOptions, type CosignVerifierOptions } from './cosign/options.ts'
import { inEveryForm } from './every-form.ts'
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
   * With `auto`, what cosign stored as a tag is also found for rules of type SigstoreBundle, and bundles for rules of
   * type Cosign. Kyverno finds neither, so this admits more; the evidence says so.
   */
  readonly discovery?: 'as-kyverno' | 'auto' | undefined
  /** Further ways of signing, or ones that stand in for those in the box: one per type, the last one counts. */
  readonly verifiers?: readonly SignatureVerifier[] | undefined
}

export const attestorEvaluatorOptions: OptionTable<AttestorEvaluatorOptions> = {
  ...cosignOptions,
  ...bundleOptions,
  discovery: oneOf('as-kyverno', 'auto'),
  verifiers: arrayOf(aSignatureVerifier),
}

/** Holds the attestors of policies against images. Immutable; safe to share. */
export interface AttestorEvaluator {
  /**
   * What is known of an entry before any image.
   *
   * @param path where the entry stands in the policy
   * @param run with `keys: undefined`, keys that are only named are problems; left out, they are not looked at
   */
  inspect(
    entry: ImageVerification,
    path: string,
    run?: { readonly keys: KeyResolver | undefined },
  ): readonly AttestorFinding[]
  /** Whether the image is signed as all `attestors` of the entry ask for; rejected where it names none. */
  verifySignatures(
    entry: ImageVerification,
    image: ImageSubject,
    run: VerificationRun,
  ): Promise<Outcome<VerifiedSignature>>
  /** Whether the image is attested as all `attestations` of the entry ask for; rejected where it names none. */
  verifyAttestations(
    entry: ImageVerification,
    image: ImageSubject,
    run: VerificationRun,
    judge: StatementJudge,
  ): Promise<Outcome<VerifiedAttestationSets>>
}

/**
 * An evaluator for signatures of type Cosign and SigstoreBundle, and for whatever else is handed in.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID
 * @example
 * const evaluator = createAttestorEvaluator()
 * const outcome = await evaluator.verifySignatures(entry, image, run)
 */
export function createAttestorEvaluator(options: AttestorEvaluatorOptions = {}): AttestorEvaluator {
  checkOptions(options, attestorEvaluatorOptions)
  const verifiers = new Map(
    [...verifiersInTheBox(options), ...(options.verifiers ?? [])].map((verifier) => [verifier.signatureType, verifier]),
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

function verifiersInTheBox(options: AttestorEvaluatorOptions): readonly SignatureVerifier[] {
  const cosign = cosignVerifier(options)
  const bundles = bundleVerifier(options)
  return options.discovery === 'auto' ? [inEveryForm(cosign, bundles), inEveryForm(bundles, cosign)] : [cosign, bundles]
}
