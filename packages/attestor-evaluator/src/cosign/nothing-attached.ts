import { CheckError, type Digest } from '@verify-images/primitives'
import { BUNDLE_ARTIFACT_TYPE, isBundleManifest, isUntyped } from '../bundle/bundle-manifest.ts'
import type { ImageSubject } from '../ports.ts'
import type { VerificationRun } from '../signature-verifier.ts'

const NOTHING = {
  signatures: {
    kind: 'attestor-no-signatures',
    message: 'the image is not signed',
    beside: 'no cosign signature',
  },
  attestations: {
    kind: 'attestor-no-attestations',
    message: 'the image has no attestation',
    beside: 'no cosign attestation',
  },
} as const

/**
 * Returns the error for an image without the cosign tag of its signatures or attestations.
 *
 * It says when a Sigstore bundle is attached: with cosign 3 and `type: Cosign` nothing else shows the cause. The
 * listing, and of referrers without an artifact type the first one, is only read for this message, so a failure to read
 * it changes nothing.
 */
export async function nothingAttached(
  of: 'signatures' | 'attestations',
  image: ImageSubject,
  digest: Digest,
  run: VerificationRun,
): Promise<CheckError> {
  const { kind, message, beside } = NOTHING[of]
  const text = (await hasBundle(image, digest, run))
    ? `${beside}; a Sigstore bundle is attached, which \`type: Cosign\` does not read; \`type: SigstoreBundle\` does`
    : message
  return new CheckError('ATTESTOR_NO_SIGNATURE', text, { detail: { kind } })
}

async function hasBundle({ repository }: ImageSubject, digest: Digest, run: VerificationRun): Promise<boolean> {
  try {
    const { descriptors } = await run.source.listReferrers(repository, digest, run.signal)
    if (descriptors.some(({ artifactType }) => artifactType?.startsWith(BUNDLE_ARTIFACT_TYPE) === true)) return true
    const [untyped] = descriptors.filter(isUntyped)
    if (untyped === undefined) return false
    const manifest = await run.source.fetchManifest(repository, untyped.digest, run.signal)
    return !('notFound' in manifest) && isBundleManifest(manifest)
  } catch {
    run.signal.throwIfAborted()
    return false
  }
}
