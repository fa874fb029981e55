import { CheckError, type Digest } from '@verify-images/primitives'
import type { ImageSubject, StoredManifest } from './ports.ts'
import type { VerificationRun } from './signature-verifier.ts'

/**
 * Returns the digest of an image: its own, or the one its tag has in this run.
 *
 * The source fetches each thing once, so a tag cannot mean two things in one evaluation.
 *
 * @throws CheckError ATTESTOR_IMAGE_NOT_FOUND; errors of a source that could not answer
 */
export async function resolveImage(
  image: ImageSubject,
  run: Pick<VerificationRun, 'source' | 'signal'>,
): Promise<Digest> {
  return image.digest ?? resolveStoredImage(image, run)
}

/**
 * Does the same for an image that must be in its registry, which is asked for a given digest too.
 *
 * @throws CheckError ATTESTOR_IMAGE_NOT_FOUND; errors of a source that could not answer
 */
export async function resolveStoredImage(
  image: ImageSubject,
  run: Pick<VerificationRun, 'source' | 'signal'>,
): Promise<Digest> {
  return (await fetchImage(image, run)).digest
}

/**
 * Returns the manifest of an image.
 *
 * @throws CheckError ATTESTOR_IMAGE_NOT_FOUND; errors of a source that could not answer
 */
export async function fetchImage(
  image: ImageSubject,
  run: Pick<VerificationRun, 'source' | 'signal'>,
): Promise<StoredManifest> {
  const manifest = await run.source.fetchManifest(image.repository, image.digest ?? image.tag ?? 'latest', run.signal)
  if (!('notFound' in manifest)) return manifest
  throw new CheckError('ATTESTOR_IMAGE_NOT_FOUND', `image \`${image.reference}\` is not in its registry`, {
    detail: manifest.detail,
  })
}
