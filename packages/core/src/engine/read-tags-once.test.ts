import type { ArtifactSource, ManifestNotFound, StoredManifest } from '@verify-images/attestor-evaluator'
import { expect, test } from 'vitest'
import { type Digest, digestOf, parseDigest } from '@verify-images/primitives'
import { readTagsOnce, type ResolvedTags } from './read-tags-once.ts'

const { signal } = new AbortController()
const missing: ManifestNotFound['detail'] = {
  kind: 'registry-answer',
  ...{ method: 'GET', url: 'https://registry.test/v2/app/manifests/v1', status: 404, errors: [] },
}
const digestNamed = (name: string): Digest => digestOf(Buffer.from(name))

/** Shows its own image under every tag, or nothing; by digest, whatever is asked for. */
function sourceOf(name: string, asked: string[], shows: boolean = true): ArtifactSource {
  return {
    async fetchManifest(_repository, reference): Promise<StoredManifest | ManifestNotFound> {
      asked.push(`${name} ${reference}`)
      await Promise.resolve()
      if (!shows && !reference.includes(':')) return { notFound: true, detail: missing }
      return {
        digest: reference.includes(':') ? parseDigest(reference) : digestNamed(name),
        mediaType: '',
        bytes: new Uint8Array(),
      }
    },
    fetchBlob: () => Promise.reject(new Error('not asked here')),
    listReferrers: () => Promise.reject(new Error('not asked here')),
  }
}

async function digestsSeen(...sources: readonly ArtifactSource[]): Promise<readonly string[]> {
  const resolved: ResolvedTags = new Map()
  const [first, ...others] = sources.map((source) => readTagsOnce(source, resolved))
  const digest = (manifest: StoredManifest | ManifestNotFound | undefined): string =>
    manifest === undefined || 'notFound' in manifest ? 'none' : manifest.digest
  const seen = [digest(await first?.fetchManifest('registry.test/app', '1', signal))]
  return [
    ...seen,
    ...(await Promise.all(others.map((source) => source.fetchManifest('registry.test/app', '1', signal)))).map(digest),
  ]
}

test('a tag that one source resolved has the same manifest for the others', async () => {
  const asked: string[] = []
  expect(await digestsSeen(sourceOf('a', asked), sourceOf('b', asked))).toEqual([digestNamed('a'), digestNamed('a')])
  expect(asked).toEqual(['a 1', `b ${digestNamed('a')}`])
})

test('a tag that one source could not resolve is resolved once for all others, also concurrently', async () => {
  const asked: string[] = []
  expect(await digestsSeen(sourceOf('a', asked, false), sourceOf('b', asked), sourceOf('c', asked))).toEqual([
    'none',
    digestNamed('b'),
    digestNamed('b'),
  ])
  expect(asked).toEqual(['a 1', 'b 1', `c ${digestNamed('b')}`])
})
