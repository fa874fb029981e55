import { CheckError, messageOf } from '@verify-images/primitives'
import type { AttestorOptions } from '../attestor-options.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import { noTrust, policyTrust } from '../sigstore/policy-trust.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'
import type { BundleRequirements } from './bundle-requirements.ts'

/**
 * Returns the trust for the bundles of an attestor. The general trust root is loaded only when the policy leaves out a
 * part that is needed: a key that needs neither a log nor a clock needs none.
 *
 * @throws CheckError ATTESTOR_TRUST_UNAVAILABLE, ATTESTOR_POLICY_INVALID
 */
export async function bundleTrust(
  attestor: AttestorOptions,
  requirements: BundleRequirements,
  run: VerificationRun,
): Promise<TrustMaterial> {
  const general = needsGeneralTrust(attestor, requirements) ? await load(run) : noTrust
  return policyTrust(attestor, general)
}

function needsGeneralTrust(attestor: AttestorOptions, requirements: BundleRequirements): boolean {
  const { logRequired, observedTimeRequired, sctRequired, signer } = requirements
  return (
    (signer.kind === 'certificate' && attestor.roots === undefined) ||
    (logRequired && attestor.transparencyLog.publicKey === undefined) ||
    (sctRequired && attestor.certificateLog.publicKey === undefined) ||
    // A required log also gives the time.
    (observedTimeRequired && !logRequired && attestor.timestampChain === undefined)
  )
}

async function load({ trust, signal }: VerificationRun): Promise<TrustMaterial> {
  if (trust === undefined)
    throw new CheckError('ATTESTOR_TRUST_UNAVAILABLE', 'no trust root is configured, and the policy sets none')
  try {
    return await trust.load(signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof CheckError) throw error
    throw new CheckError('ATTESTOR_TRUST_UNAVAILABLE', `loading the trust root failed: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
