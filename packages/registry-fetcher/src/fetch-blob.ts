import { createDigester, digestAlgorithm } from '@verify-images/primitives'
import type { Descriptor } from '@verify-images/primitives'
import { readBody } from './body.ts'
import { RegistryError } from './registry-error.ts'
import type { RepositoryClient } from './repository-client.ts'
import { statusError } from './status-answer.ts'

/**
 * Fetches a blob, whose bytes have the size and the digest of its descriptor. The `urls` of a descriptor are ignored:
 * its author could choose any host.
 *
 * @throws RegistryError `REGISTRY_SIZE_MISMATCH`, `REGISTRY_DIGEST_MISMATCH`, `REGISTRY_NOT_FOUND`, …
 */
export async function fetchBlob(
  client: RepositoryClient,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { context, repository } = client
  const answer = await client.get(
    {
      url: client.urlOf(`blobs/${digest}`),
      async read(ok): Promise<Uint8Array> {
        const digester = createDigester(digestAlgorithm(digest))
        const onPart = (part: Uint8Array): void => {
          context.accounting.countBytes(part.length)
          digester.update(part)
        }
        const bytes = await readBody(ok, { maxBytes: size, exact: true, what: 'the blob', onPart })
        const actual = digester.digest()
        if (actual === digest) return bytes
        throw new RegistryError(
          'REGISTRY_DIGEST_MISMATCH',
          `the blob has the digest \`${actual}\`, expected \`${digest}\``,
          {
            detail: {
              kind: 'registry-digest-mismatch',
              of: 'blob',
              expected: digest,
              actual,
              size: bytes.length,
              repository: repository.name,
            },
          },
        )
      },
    },
    signal,
  )
  if (answer.kind === 'body') return answer.value
  throw statusError(answer, `\`${repository.host}\``)
}
