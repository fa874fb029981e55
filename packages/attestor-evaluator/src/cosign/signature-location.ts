import type { Digest } from '@verify-images/primitives'
import type { ImageSubject, StoredManifest } from '../ports.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import type { AttestorTrust } from './attestor-trust.ts'

/** The artifact type of signatures that cosign stores as referrers. */
const referrerType = 'application/vnd.dev.cosign.artifact.sig.v1+json'

export interface SignatureLocation {
  readonly image: ImageSubject
  readonly digest: Digest
  readonly trust: AttestorTrust
  readonly useReferrers: boolean
  readonly suffix: 'sig' | 'att'
}

export interface LocatedManifest {
  readonly repository: string
  readonly manifest: StoredManifest
}

/**
 * The manifests in which signatures are looked for, one after the other: the newest referrer where the policy asks for
 * referrers, then the tag made from the digest. Whoever takes them stops at the first that holds.
 *
 * What goes wrong with referrers is passed over, because the tag still decides, as in cosign.
 */
export async function* signatureManifests(
  location: SignatureLocation,
  run: VerificationRun,
): AsyncGenerator<LocatedManifest> {
  const { image, digest, trust, suffix } = location
  const referrer = location.useReferrers ? await newestReferrer(image.repository, digest, run) : undefined
  if (referrer !== undefined) yield { repository: image.repository, manifest: referrer }

  const repository = trust.repository ?? image.repository
  const manifest = await run.source.fetchManifest(repository, signatureTag(digest, suffix), run.signal)
  if (!('notFound' in manifest)) yield { repository, manifest }
}

/** Returns the tag under which cosign stores what belongs to a digest, such as `sha256-….sig`. */
export function signatureTag(digest: Digest, suffix: 'sig' | 'att' | 'sbom'): string {
  return `${digest.replace(':', '-')}.${suffix}`
}

async function newestReferrer(
  repository: string,
  digest: Digest,
  run: VerificationRun,
): Promise<StoredManifest | undefined> {
  try {
    const { descriptors } = await run.source.listReferrers(repository, digest, run.signal)
    const newest = descriptors.findLast(({ artifactType }) => artifactType === referrerType)
    if (newest === undefined) return undefined
    const manifest = await run.source.fetchManifest(repository, newest.digest, run.signal)
    return 'notFound' in manifest ? undefined : manifest
  } catch {
    run.signal.throwIfAborted()
    return undefined
  }
}
