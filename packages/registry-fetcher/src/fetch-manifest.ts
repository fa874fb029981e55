import { createDigester, digestAlgorithm, isDigest, prepareManifest, printableText } from '@verify-images/primitives'
import type { Digest, ManifestNotFound, RegistryDetail, StoredManifest } from '@verify-images/primitives'
import { readBody } from './body.ts'
import { MANIFEST_ACCEPT, parseManifest } from './manifest.ts'
import { RegistryError } from './registry-error.ts'
import type { RepositoryClient } from './repository-client.ts'
import { statusError } from './status-answer.ts'

/**
 * Fetches the manifest at a tag or digest.
 *
 * The bytes are hashed; they must have the requested digest and the digest that the registry states. A tag resolves to
 * the digest of the bytes that were received, never to the header.
 *
 * @throws RegistryError `REGISTRY_DIGEST_MISMATCH`, `REGISTRY_MANIFEST_AMBIGUOUS`, …
 */
export async function fetchManifest(
  client: RepositoryClient,
  reference: string,
  signal: AbortSignal,
): Promise<StoredManifest | ManifestNotFound> {
  const {
    repository,
    context: {
      settings: { limits },
      accounting,
    },
  } = client
  const subject = subjectOf(reference)
  const answer = await client.get(
    {
      url: client.urlOf(`manifests/${reference}`),
      accept: MANIFEST_ACCEPT,
      provesAccess: true,
      proveAccess: subject && ((timed) => fetchManifest(client, subject, timed)),
      async read(ok): Promise<StoredManifest> {
        const stated = statedDigest(ok.header('docker-content-digest'))
        const digester = createDigester(isDigest(reference) ? digestAlgorithm(reference) : 'sha256')
        const statedDigester = stated && createDigester(digestAlgorithm(stated))
        const onPart = (part: Uint8Array): void => {
          accounting.countBytes(part.length)
          digester.update(part)
          statedDigester?.update(part)
        }
        const bytes = await readBody(ok, { maxBytes: limits.manifestBytes, what: 'the manifest', onPart })
        const digest = digester.digest()
        if (isDigest(reference) && digest !== reference)
          throw mismatch(reference, digest, {
            kind: 'registry-digest-mismatch',
            of: 'manifest',
            expected: reference,
            actual: digest,
            size: bytes.length,
            repository: repository.name,
          })
        const actual = statedDigester?.digest()
        if (stated !== undefined && actual !== undefined && actual !== stated) throw mismatch(stated, actual)
        await prepareManifest(bytes, signal)
        const { mediaType } = parseManifest(bytes, ok.header('content-type'))
        return { digest, mediaType, bytes }
      },
    },
    signal,
  )
  if (answer.kind === 'body') return answer.value
  if (answer.status === 404) return { notFound: true, detail: answer.detail }
  throw statusError(answer, `\`${repository.host}\``)
}

/** Returns the digest that a tag such as `sha256-….sig` is made from. */
function subjectOf(tag: string): Digest | undefined {
  const digest = /^([a-z0-9]+-[0-9a-f]+)(?:\.[a-z]+)?$/.exec(tag)?.[1]?.replace('-', ':')
  return isDigest(digest) ? digest : undefined
}

function statedDigest(header: string | undefined): Digest | undefined {
  if (header === undefined || isDigest(header)) return header
  throw new RegistryError(
    'REGISTRY_RESPONSE_INVALID',
    `invalid \`Docker-Content-Digest\`: expected a digest, got \`${printableText(header, 160)}\``,
  )
}

function mismatch(expected: string, actual: string, detail?: RegistryDetail): RegistryError {
  return new RegistryError(
    'REGISTRY_DIGEST_MISMATCH',
    `the manifest has the digest \`${actual}\`, expected \`${expected}\``,
    { detail },
  )
}
