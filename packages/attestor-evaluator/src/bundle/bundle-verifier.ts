import {
  aBoolean,
  aPositiveInteger,
  CheckError,
  isInconclusive,
  markVerified,
  type OptionTable,
} from '@verify-images/primitives'
import { checkOptions } from '../check-options.ts'
import type { Outcome } from '../outcome.ts'
import type {
  AttestationRequest,
  SignatureRequest,
  SignatureVerifier,
  VerificationRun,
  VerifiedAttestations,
  VerifiedSignature,
  VerifiedStatement,
} from '../signature-verifier.ts'
import { type AcceptedBundle, type BundleCheckOptions, prepareBundleCheck, verifyBundles } from './bundle-check.ts'
import { type RejectedBundle, refusalOfBundles, refusalOfError, rejectedBundle } from './bundle-outcome.ts'

/** Options of bundles that a policy cannot set. */
export interface BundleVerifierOptions extends BundleCheckOptions {
  /** Accepts any verified statement as a signature, even a failed scan. Kyverno does. */
  readonly acceptAnyStatementAsSignature?: boolean | undefined
}

export const bundleOptions: OptionTable<BundleVerifierOptions> = {
  requiredLogs: aPositiveInteger,
  acceptCertificatesWithoutSct: aBoolean,
  acceptPrehashedEd25519: aBoolean,
  acceptAnyStatementAsSignature: aBoolean,
}

/**
 * Creates a verifier of `type: SigstoreBundle`: bundles that are stored as referrers of an image.
 *
 * One valid bundle is enough; broken or foreign ones beside it do not matter.
 *
 * @throws CheckError ATTESTOR_OPTIONS_INVALID
 * @see https://docs.sigstore.dev/about/bundle/
 */
export function createBundleVerifier(options: BundleVerifierOptions = {}): SignatureVerifier {
  checkOptions(options, bundleOptions)
  return bundleVerifier(options)
}

/** Creates the same from options that are checked already. */
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
    const serves = (type: string): boolean =>
      options.acceptAnyStatementAsSignature === true || vouchingPredicates.has(type)
    const check = await prepareBundleCheck(request, serves, run, options)
    const rejected: RejectedBundle[] = []
    for await (const found of verifyBundles(check, request, run)) {
      if ('stage' in found) rejected.push(found)
      else if (isSignature(found) || options.acceptAnyStatementAsSignature)
        return { kind: 'accepted', digest: check.digest, evidence: [found.evidence] }
      else
        rejected.push(rejectedBundle(notASignature(found), 'verifying', found.evidence.artifact, request, run.signal))
    }
    return refusalOfBundles(rejected, request, check.notes, check.found)
  } catch (error) {
    return refusalOfError(error, request, run.signal)
  }
}

async function verifyAttestations(
  request: AttestationRequest,
  run: VerificationRun,
  options: BundleVerifierOptions,
): Promise<Outcome<VerifiedAttestations>> {
  try {
    const check = await prepareBundleCheck(request, (type) => type === request.predicateType, run, options)
    const rejected: RejectedBundle[] = []
    const statements: VerifiedStatement[] = []
    for await (const found of verifyBundles(check, request, run)) {
      if ('stage' in found) rejected.push(found)
      else if (found.statement?.type === request.predicateType)
        statements.push({ statement: markVerified(found.statement), evidence: found.evidence })
    }
    // A statement that was not listed, not fetched or beyond the limit may be the one that conditions or `deny` reject.
    const { complete, unread } = check.found
    const allRead = complete && unread === 0 && !rejected.some(({ failure }) => isInconclusive(failure))
    if (statements.length > 0 && (allRead || request.everyStatementCounts === false))
      return { kind: 'accepted', digest: check.digest, statements }
    return refusalOfBundles(rejected, request, check.notes, check.found)
  } catch (error) {
    return refusalOfError(error, request, run.signal)
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

function isSignature({ statement }: AcceptedBundle): boolean {
  return statement === undefined || vouchingPredicates.has(statement.type)
}

function notASignature({ statement }: AcceptedBundle): CheckError {
  return new CheckError('ATTESTOR_NO_SIGNATURE', 'the bundle is a statement about the image, not a signature', {
    difference: 'S14',
    ...(statement && { actual: statement.type }),
  })
}
