import { aBoolean, aPositiveNumber, isInconclusive, type OptionTable } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { checkOptions } from '../check-options.ts'
import type { Evidence, Outcome } from '../outcome.ts'
import type {
  AttestationRequest,
  SignatureRequest,
  SignatureVerifier,
  VerificationRun,
  VerifiedAttestations,
  VerifiedSignature,
  VerifiedStatement,
} from '../signature-verifier.ts'
import { type BundleCheckOptions, prepareBundleCheck, verifyBundles } from './bundle-check.ts'
import { type Miss, missOf, outcomeOfError, outcomeOfMisses } from './bundle-outcome.ts'
import type { VerifiedBundle } from './verify-bundle.ts'

/** What may be asked of bundles beside what a policy can say. */
export interface BundleVerifierOptions extends BundleCheckOptions {
  /** Takes any verified statement for a signature, a failed scan as well. Kyverno does. */
  readonly acceptAnyStatementAsSignature?: boolean | undefined
}

export const bundleOptions: OptionTable<BundleVerifierOptions> = {
  requiredLogs: aPositiveNumber,
  acceptCertificatesWithoutSct: aBoolean,
  acceptPrehashedEd25519: aBoolean,
  acceptAnyStatementAsSignature: aBoolean,
}

/**
 * A verifier of `type: SigstoreBundle`: bundles that are stored as referrers of an image.
 *
 * One good bundle is enough; what stands beside it, broken or foreign, does not matter.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID
 * @see https://docs.sigstore.dev/about/bundle/
 */
export function createBundleVerifier(options: BundleVerifierOptions = {}): SignatureVerifier {
  checkOptions(options, bundleOptions)
  return bundleVerifier(options)
}

/** The same with options that have been checked, among others. */
export function bundleVerifier(options: BundleVerifierOptions): SignatureVerifier {
  return {
    signatureType: 'SigstoreBundle',
    verifySignature: (request, run) => verifySignature(request, run, options),
    verifyAttestations: (request, run) => verifyAttestations(request, run, options),
  }
}

async function verifySignature(
  request: SignatureRequest,
  run: VerificationRun,
  options: BundleVerifierOptions,
): Promise<Outcome<VerifiedSignature>> {
  try {
    const check = await prepareBundleCheck(request, run, options)
    const misses: Miss[] = []
    for await (const found of verifyBundles(check, request, run)) {
      if ('stage' in found) misses.push(found)
      else if (isSignature(found.verified) || options.acceptAnyStatementAsSignature)
        return { kind: 'accepted', digest: check.digest, evidence: [found.evidence] }
      else misses.push(missOf(noSignature(found.verified), 'verifying', found.evidence.artifact, request, run.signal))
    }
    return outcomeOfMisses(misses, request, check.notes, check.found.complete)
  } catch (error) {
    return outcomeOfError(error, request, run.signal)
  }
}

async function verifyAttestations(
  request: AttestationRequest,
  run: VerificationRun,
  options: BundleVerifierOptions,
): Promise<Outcome<VerifiedAttestations>> {
  try {
    const check = await prepareBundleCheck(request, run, options)
    const misses: Miss[] = []
    const statements: VerifiedStatement[] = []
    for await (const found of verifyBundles(check, request, run)) {
      if ('stage' in found) misses.push(found)
      else if (found.verified.statement?.type === request.predicateType)
        statements.push(verifiedStatement(found.verified.statement, found.evidence))
    }
    // A statement that was not shown, or could not be had, may be the one that says no.
    const seen = check.found.complete && !misses.some(({ failure }) => isInconclusive(failure))
    if (statements.length > 0 && seen) return { kind: 'accepted', digest: check.digest, statements }
    return outcomeOfMisses(misses, request, check.notes, check.found.complete)
  } catch (error) {
    return outcomeOfError(error, request, run.signal)
  }
}

/**
 * Predicate types whose signer vouches for the image: cosign's own, and the provenance of a build, which is what GitHub
 * attests. A scan, an SBOM or any other report is about an image and vouches for nothing.
 */
const vouchingPredicates: ReadonlySet<string> = new Set([
  'https://sigstore.dev/cosign/sign/v1',
  'https://slsa.dev/provenance/v0.2',
  'https://slsa.dev/provenance/v1',
])

function isSignature({ statement }: VerifiedBundle): boolean {
  return statement === undefined || vouchingPredicates.has(statement.type)
}

function verifiedStatement(
  { type, document, predicate }: NonNullable<VerifiedBundle['statement']>,
  evidence: Evidence,
): VerifiedStatement {
  return { type, statement: document, predicate, evidence }
}

function noSignature({ statement }: VerifiedBundle): AttestorError {
  return new AttestorError(
    'ATTESTOR_NO_SIGNATURE',
    'the bundle is a statement about the image, and no signature of it',
    {
      difference: 'S14',
      ...(statement && { actual: statement.type }),
    },
  )
}
