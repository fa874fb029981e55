import { CheckError, type Digest } from '@verify-images/primitives'
import type { AttestorOptions } from '../attestor-options.ts'
import type { SignatureRequest, VerificationRun } from '../signature-verifier.ts'
import { trustIdentity } from '../sigstore/trust-material.ts'
import type { FetchedBundle } from './find-bundles.ts'
import { type BundleVerification, type VerifiedBundle, verifyBundle } from './verify-bundle.ts'

/** What a verified bundle takes in memory: most of it is its certificate. */
const VERIFIED_BYTES = 8 * 1024

/**
 * Verifies a bundle, once in a run. Later runs remember it, if it is valid and they have the same trust root.
 *
 * @returns the verified bundle, and a name for everything that it depends on in this run
 * @throws CheckError
 */
export async function verifyBundleOnce(
  { bundle, artifact, content }: FetchedBundle,
  verification: BundleVerification,
  { image, attestor }: Pick<SignatureRequest, 'image' | 'attestor'>,
  run: VerificationRun,
): Promise<{ readonly name: string; readonly verified: VerifiedBundle }> {
  const { digest, trust } = verification
  const name = nameOf(artifact, verification, attestor)
  const manifest = bundle.content.kind === 'message' ? await fetchArtifact(image.repository, digest, run) : undefined
  const verify = (): Promise<VerifiedBundle> =>
    verifyBundle(bundle, {
      ...verification,
      // A message signature is over the manifest, which the digest of the image names.
      remembered: { memo: run.memo, content: `${content} of ${digest}` },
      ...(manifest !== undefined && { artifact: manifest }),
    })
  const verified = await run.memo.once(name, async () =>
    isTimeless(verification) && hasGeneralTrust(attestor)
      ? run.memo.always(`${name} ${trustIdentity(trust)}`, VERIFIED_BYTES, verify)
      : verify(),
  )
  return { name, verified }
}

/**
 * Names everything that the result depends on, apart from the trust root, and from the time if there is no other clock.
 */
function nameOf(artifact: Digest, verification: BundleVerification, attestor: AttestorOptions): string {
  const { key } = verification
  return JSON.stringify([
    'bundle verification',
    artifact,
    verification.digest,
    key?.publicKey.fingerprint,
    key?.hash,
    key?.acceptPrehashed,
    verification.requiredLogs,
    verification.observedTimeRequired,
    verification.sctRequired,
    attestor.roots,
    attestor.transparencyLog.publicKey,
    attestor.certificateLog.publicKey,
    attestor.timestampChain,
  ])
}

/** Whether a clock other than the verifier's says when the bundle was signed, or none is asked. */
function isTimeless({ key, observedTimeRequired }: BundleVerification): boolean {
  return key !== undefined || observedTimeRequired
}

/** Whether all trust is that of the trust root: what a policy sets is parsed in each run, so it has no identity. */
function hasGeneralTrust({ roots, transparencyLog, certificateLog, timestampChain }: AttestorOptions): boolean {
  return [roots, transparencyLog.publicKey, certificateLog.publicKey, timestampChain].every(
    (part) => part === undefined,
  )
}

async function fetchArtifact(repository: string, digest: Digest, run: VerificationRun): Promise<Uint8Array> {
  const manifest = await run.source.fetchManifest(repository, digest, run.signal)
  if (!('notFound' in manifest)) return manifest.bytes
  throw new CheckError('ATTESTOR_IMAGE_NOT_FOUND', 'the signed manifest is not in the registry')
}
