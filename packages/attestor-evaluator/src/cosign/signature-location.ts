import { CheckError, type Digest } from '@verify-images/primitives'
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

export type LocatedManifest =
  | { readonly repository: string; readonly manifest: StoredManifest }
  /** There may be signatures that could not be fetched. */
  | { readonly error: unknown }

/**
 * Yields the manifests in which signatures are looked for: the newest referrer where the policy wants referrers, then
 * the tag made from the digest. The caller stops at the first with a valid signature.
 *
 * If the referrer cannot be fetched the tag may still have the signature, as in cosign. But without one there, the
 * image is not known to be unsigned.
 */
export async function* signatureManifests(
  location: SignatureLocation,
  run: VerificationRun,
): AsyncGenerator<LocatedManifest> {
  const { image, digest, trust, suffix } = location
  const referrer = location.useReferrers ? await newestReferrer(image.repository, digest, run) : undefined
  if (referrer !== undefined) yield referrer

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
): Promise<LocatedManifest | undefined> {
  try {
    const { descriptors, complete } = await run.source.listReferrers(repository, digest, run.signal)
    if (!complete) return { error: unavailable('the registry did not list all referrers of the image') }
    const newest = descriptors.findLast(({ artifactType }) => artifactType === referrerType)
    if (newest === undefined) return undefined
    const manifest = await run.source.fetchManifest(repository, newest.digest, run.signal)
    return 'notFound' in manifest
      ? { error: unavailable('the registry lists a referrer with signatures but does not have it') }
      : { repository, manifest }
  } catch (error) {
    run.signal.throwIfAborted()
    return { error }
  }
}

function unavailable(message: string): CheckError {
  return new CheckError('ATTESTOR_SOURCE_UNAVAILABLE', message)
}
