import { failureOf, refusalOf } from '@verify-images/primitives'
import { checkOptions } from '../check-options.ts'
import type { Outcome } from '../outcome.ts'
import type { SignatureRequest, SignatureVerifier, VerificationRun } from '../signature-verifier.ts'
import { cosignOptions, type CosignVerifierOptions } from './options.ts'
import { placeOf } from './verify-each.ts'
import { verifyAttestations } from './verify-attestations.ts'
import { verifySignatures } from './verify-signatures.ts'

/**
 * Creates a verifier of `type: Cosign`: signatures at the tag `<algorithm>-<hex>.sig`, attestations at `….att`.
 *
 * @throws CheckError ATTESTOR_OPTIONS_INVALID
 * @see Kyverno, verifyImages of type Cosign; cosign, specs/SIGNATURE_SPEC.md
 */
export function createCosignVerifier(options: CosignVerifierOptions = {}): SignatureVerifier {
  checkOptions(options, cosignOptions)
  return cosignVerifier(options)
}

/** Creates the same from options that are checked already. */
export function cosignVerifier(options: CosignVerifierOptions): SignatureVerifier {
  return {
    signatureType: 'Cosign',
    verifySignature: async (request, run) =>
      withRefusal(request, run, async () => verifySignatures(request, options, run)),
    verifyAttestations: async (request, run) =>
      withRefusal(request, run, async () => verifyAttestations(request, options, run)),
  }
}

/** Maps an error that concerns the whole attestor to an outcome. */
async function withRefusal<Accepted>(
  request: SignatureRequest,
  run: VerificationRun,
  verify: () => Promise<Outcome<Accepted>>,
): Promise<Outcome<Accepted>> {
  try {
    return await verify()
  } catch (error) {
    return refusalOf(failureOf(error, placeOf(request), run.signal))
  }
}
