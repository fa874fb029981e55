import { AttestorError } from '../attestor-error.ts'
import type { AttestorOptions } from '../attestor-options.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import { noTrust, policyTrust } from '../sigstore/policy-trust.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'
import type { BundleRequirements } from './bundle-requirements.ts'

/**
 * The trust to verify an attestor's bundles with. The general root is loaded only when the policy leaves open a part that
 * is needed: a key that asks for neither log nor clock needs none.
 *
 * @throws AttestorError ATTESTOR_TRUST_UNAVAILABLE, ATTESTOR_POLICY_INVALID
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
  const { logRequired, observedTimeRequired, certificateLogRequired, signer } = requirements
  return (
    (signer.kind === 'certificate' && attestor.roots === undefined) ||
    (logRequired && attestor.transparencyLog.publicKey === undefined) ||
    (certificateLogRequired && attestor.certificateLog.publicKey === undefined) ||
    // A log that is required tells the time as well.
    (observedTimeRequired && !logRequired && attestor.timestampChain === undefined)
  )
}

async function load({ trust, signal }: VerificationRun): Promise<TrustMaterial> {
  if (trust === undefined)
    throw new AttestorError('ATTESTOR_TRUST_UNAVAILABLE', 'no trusted root was given, and the policy states none')
  try {
    return await trust.load(signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AttestorError) throw error
    throw new AttestorError(
      'ATTESTOR_TRUST_UNAVAILABLE',
      `the trusted root cannot be had: ${error instanceof Error ? error.message : 'unknown fault'}`,
      { cause: error },
    )
  }
}
