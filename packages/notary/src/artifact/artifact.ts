import { AttestorError } from '@verify-images/attestor-evaluator'
import type { ImageSubject, StoredManifest, VerificationRun } from '@verify-images/attestor-evaluator'
import type { Digest } from '@verify-images/primitives'
import type { TargetDescriptor } from '../payload.ts'
import { during } from './source-fault.ts'

/** A manifest that something may have signed: an image, or an attestation that is stored as an artifact of its own. */
export interface Artifact {
  readonly repository: string
  /** `registry/path@digest`, as upstream names it in messages. */
  readonly reference: string
  readonly descriptor: TargetDescriptor
  readonly manifest: StoredManifest
}

type Reader = Pick<VerificationRun, 'source' | 'signal'>

/**
 * The artifact an image reference means.
 *
 * From here on only its digest is used, so a tag that moves meanwhile changes nothing.
 *
 * @param words what Kyverno says around the registry's answer when this fails
 * @throws AttestorError ATTESTOR_IMAGE_NOT_FOUND, ATTESTOR_SOURCE_UNAVAILABLE
 */
export async function resolveArtifact(
  image: ImageSubject,
  { source, signal }: Reader,
  words: (upstreamText: string) => string,
): Promise<Artifact> {
  return during(
    (text) => words(asHead(text)),
    async () => {
      const manifest = await source.fetchManifest(image.repository, image.digest ?? image.tag ?? 'latest', signal)
      if ('notFound' in manifest) {
        throw new AttestorError('ATTESTOR_IMAGE_NOT_FOUND', `image \`${image.reference}\` is not in its registry`, {
          upstreamText: notFoundByHead(manifest.upstreamText),
        })
      }
      return artifactOf(image.repository, manifest, image.digest)
    },
    signal,
  )
}

/**
 * The artifact at a digest.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_MISMATCH when the source hands over another one
 */
export function artifactOf(repository: string, manifest: StoredManifest, expected?: Digest): Artifact {
  const { digest, mediaType, bytes } = manifest
  if (expected !== undefined && digest !== expected) {
    throw new AttestorError('ATTESTOR_PAYLOAD_MISMATCH', 'the registry answered with another manifest', {
      expected,
      actual: digest,
      upstreamText: `user input digest ${expected} does not match the resolved digest ${digest}`,
    })
  }
  return {
    repository,
    manifest,
    reference: `${upstreamRepository(repository)}@${digest}`,
    descriptor: { mediaType, digest, size: bytes.length },
  }
}

/** Upstream's registry library knows Docker Hub by another name. */
function upstreamRepository(repository: string): string {
  const slash = repository.indexOf('/')
  const [host, path] = [repository.slice(0, slash), repository.slice(slash + 1)]
  if (host !== 'docker.io' && host !== 'index.docker.io') return repository
  return `index.docker.io/${path.includes('/') ? path : `library/${path}`}`
}

/** Upstream asks for the head of the manifest, where this reads it at once. */
function asHead(upstreamText: string): string {
  return upstreamText.replace(/^GET /, 'HEAD ').replace(/^Get "/, 'Head "')
}

function notFoundByHead(upstreamText: string): string {
  const [, url] = /^(?:GET|HEAD) (\S+):/.exec(upstreamText) ?? []
  return url === undefined
    ? upstreamText
    : `HEAD ${url}: unexpected status code 404 Not Found (HEAD responses have no body, use GET for details)`
}
