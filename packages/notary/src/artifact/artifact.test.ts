import { expect, test } from 'vitest'
import { parseDigest } from '@verify-images/primitives'
import { codeOf } from '../testing/code-of.ts'
import { artifactOf } from './artifact.ts'

const manifest = {
  digest: parseDigest(`sha256:${'0'.repeat(64)}`),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  bytes: new Uint8Array(7),
} as const

test.each([
  ['registry.example.com:5000/team/app', 'registry.example.com:5000/team/app'],
  ['docker.io/nginx', 'index.docker.io/library/nginx'],
  ['docker.io/library/nginx', 'index.docker.io/library/nginx'],
  ['index.docker.io/acme/app', 'index.docker.io/acme/app'],
])('names %s as Kyverno does', (repository, upstream) => {
  expect(artifactOf(repository, manifest)).toMatchObject({
    repository,
    reference: `${upstream}@${manifest.digest}`,
    descriptor: { size: 7, mediaType: manifest.mediaType },
  })
})

test('rejects a manifest with another digest than requested', async () => {
  expect(await codeOf(() => artifactOf('a.b/c', manifest, manifest.digest))).toBeUndefined()
  expect(await codeOf(() => artifactOf('a.b/c', manifest, parseDigest(`sha256:${'1'.repeat(64)}`)))).toBe(
    'ATTESTOR_PAYLOAD_MISMATCH',
  )
})
