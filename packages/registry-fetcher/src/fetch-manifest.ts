import { digestAlgorithm, digestOf, isDigest, printableText } from '@verify-images/primitives'
import type { ManifestNotFound, RegistryDetail, StoredManifest } from '@verify-images/primitives'
import { readBody } from './body.ts'
import { MANIFEST_ACCEPT, manifestMediaType } from './manifest.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import type { RepositoryClient } from './repository-client.ts'
import type { SendContext } from './send.ts'
import { statusError } from './status-answer.ts'

/**
 * Fetches the manifest at a tag or digest.
 *
 * The bytes are hashed; they must have the requested digest and the one that the registry states. A tag resolves to the
 * digest of the bytes that were received, never to the header.
 *
 * @throws RegistryError `REGISTRY_DIGEST_MISMATCH`, `REGISTRY_MANIFEST_AMBIGUOUS`, …
 */
export async function fetchManifest(
  context: SendContext,
  client: RepositoryClient,
  repository: Repository,
  reference: string,
  signal: AbortSignal,
): Promise<StoredManifest | ManifestNotFound> {
  const answer = await client.get(
    {
      url: client.urlOf(`manifests/${reference}`),
      accept: MANIFEST_ACCEPT,
      provesAccess: true,
      async read(ok): Promise<StoredManifest> {
        const {
          settings: { limits },
          accounting,
        } = context
        const bytes = await readBody(ok, {
          maxBytes: limits.manifestBytes,
          what: 'the manifest',
          onBytes: accounting.countBytes,
        })
        const digest = digestOf(bytes, isDigest(reference) ? digestAlgorithm(reference) : 'sha256')
        if (isDigest(reference) && digest !== reference)
          throw mismatch(reference, digest, {
            kind: 'registry-digest-mismatch',
            of: 'manifest',
            expected: reference,
            actual: digest,
            size: bytes.length,
            repository: repository.name,
          })
        const stated = ok.header('docker-content-digest')
        if (stated !== undefined) checkStatedDigest(stated, bytes)
        return { digest, mediaType: manifestMediaType(bytes, ok.header('content-type')), bytes }
      },
    },
    signal,
  )
  if (answer.kind === 'body') return answer.value
  if (answer.status === 404) return { notFound: true, detail: answer.detail }
  throw statusError(answer, `\`${repository.host}\``)
}

function checkStatedDigest(stated: string, bytes: Uint8Array): void {
  if (!isDigest(stated))
    throw new RegistryError(
      'REGISTRY_RESPONSE_INVALID',
      `invalid \`Docker-Content-Digest\`: expected a digest, got \`${printableText(stated, 160)}\``,
    )
  const actual = digestOf(bytes, digestAlgorithm(stated))
  if (actual !== stated) throw mismatch(stated, actual)
}

function mismatch(expected: string, actual: string, detail?: RegistryDetail): RegistryError {
  return new RegistryError(
    'REGISTRY_DIGEST_MISMATCH',
    `the manifest has the digest \`${actual}\`, expected \`${expected}\``,
    { detail },
  )
}
