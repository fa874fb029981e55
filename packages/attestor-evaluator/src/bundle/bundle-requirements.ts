import { CheckError } from '@verify-images/primitives'
import type { AttestorOptions } from '../attestor-options.ts'
import type { KeyMaterial } from '../keys/key-material.ts'
import { readHash } from '../keys/verification-key.ts'
import { type BundleIdentity, compileBundleIdentity } from './bundle-identity.ts'

/** What an attestor requires of a bundle, known before anything is fetched. */
export interface BundleRequirements {
  readonly signer:
    | { readonly kind: 'key'; readonly material: KeyMaterial; readonly hash: ReturnType<typeof readHash> }
    | { readonly kind: 'certificate'; readonly identity: BundleIdentity }
  /** Whether a transparency log entry is required. */
  readonly logRequired: boolean
  /** Whether a clock other than the verifier's must give the time: a timestamp authority, or a required log. */
  readonly observedTimeRequired: boolean
  /** Whether that clock must be a timestamp authority, because the policy sets one. */
  readonly timestampRequired: boolean
  readonly sctRequired: boolean
  readonly annotations: ReadonlyMap<string, string>
}

/**
 * Reads what an attestor requires of bundles.
 *
 * In Kyverno `ignoreSCT` turns off observed times here, not the check of SCTs; here it does both. Alone, without
 * `ignoreTlog`, it leaves Kyverno without a clock, and nothing passes. An attestor without a key passes only with an
 * issuer and a subject.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID when no bundle can ever pass
 */
export function bundleRequirements(attestor: AttestorOptions): BundleRequirements {
  const logRequired = attestor.transparencyLog.required
  const observedTimeRequired = attestor.certificateLog.required
  const signer = readSigner(attestor)
  if (logRequired && !observedTimeRequired)
    throw new CheckError(
      'ATTESTOR_POLICY_INVALID',
      '`ignoreSCT` without `ignoreTlog` leaves no clock to verify a bundle with',
    )
  return {
    signer,
    logRequired,
    observedTimeRequired,
    timestampRequired: attestor.timestampChain !== undefined,
    sctRequired: signer.kind === 'certificate' && attestor.certificateLog.required,
    annotations: new Map(Object.entries(attestor.annotations)),
  }
}

function readSigner(attestor: AttestorOptions): BundleRequirements['signer'] {
  switch (attestor.kind) {
    case 'keys':
      if (attestor.key === undefined) throw unusable('the attestor has no key')
      return { kind: 'key', material: attestor.key, hash: readHash(attestor.signatureAlgorithm) }
    case 'keyless':
      return { kind: 'certificate', identity: compileBundleIdentity(attestor.identity) }
    case 'certificates':
      throw unusable('bundles cannot be verified with `certificates` of a policy')
    case 'none':
      throw unusable('the attestor has neither keys nor an identity')
  }
}

function unusable(reason: string): CheckError {
  return new CheckError('ATTESTOR_POLICY_INVALID', reason, { detail: { kind: 'attestor-unusable-for-bundles' } })
}
