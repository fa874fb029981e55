import { digestAlgorithm, digestOf, isDigest } from '@verify-images/primitives'
import type { ManifestNotFound, RegistryDetail, StoredManifest } from '@verify-images/primitives'
import { readBody } from './body.ts'
import { MANIFEST_ACCEPT, manifestMediaType } from './manifest.ts'
import { refusalError } from './refusal-error.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import type { RepositoryClient } from './repository-client.ts'
import type { SendContext } from './send.ts'
import { shown } from './shown.ts'

/**
 * The manifest at a tag or digest.
 *
 * The bytes are hashed, and both the digest asked for and the one the registry claims must be theirs. What a tag stands
 * for is the digest of the bytes that came, never the header.
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
  const answered = await client.ask(
    {
      url: client.urlOf(`manifests/${reference}`),
      accept: MANIFEST_ACCEPT,
      async read(answer): Promise<StoredManifest> {
        const {
          settings: { limits },
          accounting,
        } = context
        const bytes = await readBody(answer, {
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
        const claimed = answer.header('docker-content-digest')
        if (claimed !== undefined) checkClaim(claimed, bytes)
        return { digest, mediaType: manifestMediaType(bytes, answer.header('content-type')), bytes }
      },
    },
    signal,
  )
  if (answered.kind === 'read') return answered.value
  if (answered.status === 404) return { notFound: true, detail: answered.detail }
  throw refusalError(answered, `\`${repository.host}\``)
}

function checkClaim(claimed: string, bytes: Uint8Array): void {
  if (!isDigest(claimed))
    throw new RegistryError(
      'REGISTRY_RESPONSE_INVALID',
      `the registry names the digest \`${shown(claimed, 160)}\`, which cannot be checked`,
    )
  const actual = digestOf(bytes, digestAlgorithm(claimed))
  if (actual !== claimed) throw mismatch(claimed, actual)
}

function mismatch(expected: string, actual: string, detail?: RegistryDetail): RegistryError {
  return new RegistryError(
    'REGISTRY_DIGEST_MISMATCH',
    `the manifest has the digest \`${actual}\`, expected \`${expected}\``,
    { detail },
  )
}
