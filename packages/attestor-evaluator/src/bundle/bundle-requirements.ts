import { CheckError } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import type { AttestorOptions } from '../attestor-options.ts'
import type { BundleIdentity } from './bundle-identity.ts'
import { readBundleIdentity } from './bundle-identity.ts'
import { readHash } from '../keys/verification-key.ts'

/** What one attestor demands of a bundle, known before anything is fetched. */
export interface BundleRequirements {
  readonly signer:
    | { readonly kind: 'key'; readonly reference: string; readonly hash: ReturnType<typeof readHash> }
    | { readonly kind: 'certificate'; readonly identity: BundleIdentity }
  /** A log entry must be there. */
  readonly logRequired: boolean
  /** A clock other than the verifier's must say when: a timestamp authority, or a log whose entries count. */
  readonly observedTimeRequired: boolean
  /** A timestamp must be there, and not just any clock: the policy names the authority. */
  readonly timestampRequired: boolean
  readonly sctRequired: boolean
  readonly annotations: ReadonlyMap<string, string>
}

/** What Kyverno says whenever no bundle verifies, whatever the reason. */
export const NO_MATCH = 'sigstore bundle verification failed: no matching signatures found'

const NO_CLOCK =
  'when initializing a new Verifier, you must specify at least one of WithObserverTimestamps(), WithSignedTimestamps(), ' +
  'WithIntegratedTimestamps() or WithCurrentTime(), or exclusively specify WithNoObserverTimestamps()'

/**
 * Reads what an attestor demands of bundles.
 *
 * In Kyverno `ignoreSCT` turns off observed times here, not the check of certificate log timestamps; here it does both.
 * Alone, without `ignoreTlog`, it leaves Kyverno without a clock, and nothing passes. An attestor without key passes
 * only with an issuer and a subject.
 *
 * @param image in Kyverno's words, for its messages
 * @throws AttestorError ATTESTOR_POLICY_INVALID when no bundle can ever pass
 */
export function bundleRequirements(attestor: AttestorOptions, image: string): BundleRequirements {
  const logRequired = attestor.transparencyLog.required
  const observedTimeRequired = attestor.certificateLog.required
  const signer = readSigner(attestor, image)
  if (logRequired && !observedTimeRequired) {
    throw neverPasses(
      '`ignoreSCT` without `ignoreTlog` leaves no clock to verify a bundle by',
      `failed to get verify bundles: ${image}: ${NO_CLOCK}`,
    )
  }
  return {
    signer,
    logRequired,
    observedTimeRequired,
    timestampRequired: attestor.timestampChain !== undefined,
    sctRequired: signer.kind === 'certificate' && attestor.certificateLog.required,
    annotations: new Map(Object.entries(attestor.annotations)),
  }
}

function readSigner(attestor: AttestorOptions, image: string): BundleRequirements['signer'] {
  switch (attestor.kind) {
    case 'keys': {
      if (attestor.key === undefined) throw neverPasses('the attestor names no key', NO_MATCH)
      return { kind: 'key', reference: attestor.key, hash: readHashFor(attestor.signatureAlgorithm, image) }
    }
    case 'keyless':
      return { kind: 'certificate', identity: readBundleIdentity(attestor.identity, image) }
    case 'certificates':
      throw neverPasses('bundles are not verified with the `certificates` of a policy', NO_MATCH)
    case 'none':
      throw neverPasses('an attestor that names nobody accepts nobody', NO_MATCH)
  }
}

function readHashFor(algorithm: string, image: string): ReturnType<typeof readHash> {
  try {
    return readHash(algorithm)
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    throw neverPasses(
      error.message,
      `failed to get trusted material: ${image}: unsupported signature algorithm ${JSON.stringify(algorithm)}`,
    )
  }
}

function neverPasses(reason: string, upstreamText: string): AttestorError {
  return new AttestorError('ATTESTOR_POLICY_INVALID', reason, { upstreamText })
}
