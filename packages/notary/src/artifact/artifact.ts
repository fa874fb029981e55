import type { ImageSubject, ManifestNotFound, StoredManifest, VerificationRun } from '@verify-images/attestor-evaluator'
import { CheckError } from '@verify-images/primitives'
import type { Digest, ReasonDetail } from '@verify-images/primitives'
import type { TargetDescriptor } from '../payload.ts'

/** A manifest that may have signatures: an image, or an attestation that is stored as an artifact of its own. */
export interface Artifact {
  readonly repository: string
  /** `registry/path@digest`, as Kyverno names it in messages. */
  readonly reference: string
  readonly descriptor: TargetDescriptor
  readonly manifest: StoredManifest
}

/**
 * Resolves an image reference to its artifact.
 *
 * From here on only its digest is used, so a tag that moves meanwhile changes nothing.
 *
 * @throws CheckError ATTESTOR_IMAGE_NOT_FOUND, ATTESTOR_PAYLOAD_MISMATCH; what the source throws
 */
export async function resolveArtifact(
  image: ImageSubject,
  { source, signal }: Pick<VerificationRun, 'source' | 'signal'>,
): Promise<Artifact> {
  const manifest = await source.fetchManifest(image.repository, image.digest ?? image.tag ?? 'latest', signal)
  if ('notFound' in manifest)
    throw new CheckError('ATTESTOR_IMAGE_NOT_FOUND', `image \`${image.reference}\` was not found in its registry`, {
      ...notFoundDetail(manifest),
    })
  return artifactOf(image.repository, manifest, image.digest)
}

/**
 * Returns the artifact of a manifest that was requested by digest.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_MISMATCH when the source returned another manifest
 */
export function artifactOf(repository: string, manifest: StoredManifest, expected?: Digest): Artifact {
  const { digest, mediaType, bytes } = manifest
  if (expected !== undefined && digest !== expected) {
    throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the registry returned another manifest than requested', {
      expected,
      actual: digest,
      detail: { kind: 'notary-digest-mismatch', expected, actual: digest },
    })
  }
  return {
    repository,
    manifest,
    reference: `${kyvernoRepository(repository)}@${digest}`,
    descriptor: { mediaType, digest, size: bytes.length },
  }
}

/** Returns what the registry answered, for the presenter. */
export function notFoundDetail({ detail }: ManifestNotFound): { readonly detail: ReasonDetail } {
  return { detail }
}

/** Kyverno's registry library has another name for Docker Hub. */
function kyvernoRepository(repository: string): string {
  const slash = repository.indexOf('/')
  const [host, path] = [repository.slice(0, slash), repository.slice(slash + 1)]
  if (host !== 'docker.io' && host !== 'index.docker.io') return repository
  return `index.docker.io/${path.includes('/') ? path : `library/${path}`}`
}
