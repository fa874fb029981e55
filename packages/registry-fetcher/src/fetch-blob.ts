import { digestAlgorithm, digestOf } from '@verify-images/primitives'
import type { Descriptor } from '@verify-images/primitives'
import { readBody } from './body.ts'
import { refusalError } from './refusal-error.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import type { RepositoryClient } from './repository-client.ts'
import type { SendContext } from './send.ts'

/**
 * The bytes of a blob, which are as many as its descriptor says and have its digest. Only the registry is asked: `urls`
 * of a descriptor are whoever's choice wrote it, and are not looked at.
 *
 * @throws RegistryError `REGISTRY_SIZE_MISMATCH`, `REGISTRY_DIGEST_MISMATCH`, `REGISTRY_NOT_FOUND`, …
 */
export async function fetchBlob(
  context: SendContext,
  client: RepositoryClient,
  repository: Repository,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const answered = await client.ask(
    {
      url: client.urlOf(`blobs/${digest}`),
      async read(answer): Promise<Uint8Array> {
        const bytes = await readBody(answer, {
          maxBytes: size,
          exact: true,
          what: 'the blob',
          onBytes: context.accounting.countBytes,
        })
        const actual = digestOf(bytes, digestAlgorithm(digest))
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
  if (answered.kind === 'read') return answered.value
  throw refusalError(answered, `\`${repository.host}\``)
}
