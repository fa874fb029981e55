import { digestOf } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { contentOf, jsonContent, OCI_INDEX, OCI_MANIFEST, type Content } from './content.ts'
import { RepositoryStore } from './repository-store.ts'

const manifest = (document: object): Content => jsonContent(OCI_MANIFEST, document)
const subject = manifest({ layers: [] })
const referrer = (document: object, of: Content = subject): Content =>
  manifest({ ...document, subject: { mediaType: of.mediaType, digest: of.digest, size: of.bytes.length } })
const listed = (store: RepositoryStore, artifactType?: string): unknown => {
  const index: unknown = JSON.parse(Buffer.from(store.referrers(subject.digest, artifactType).bytes).toString())
  return index
}

test('finds a manifest by digest and by each of its tags', () => {
  const store = new RepositoryStore()
  store.putManifest(subject, '1', 'latest')
  for (const reference of [subject.digest, '1', 'latest']) expect(store.manifest(reference)).toBe(subject)
  expect(store.manifest('2')).toBeUndefined()
  expect(store.manifest(digestOf(Buffer.from('other')))).toBeUndefined()
})

test('moves a tag, and keeps the earlier manifest at its digest', () => {
  const store = new RepositoryStore()
  const next = manifest({ layers: [], annotations: { build: '2' } })
  store.putManifest(subject, '1')
  store.putManifest(next, '1')
  expect(store.manifest('1')).toBe(next)
  expect(store.manifest(subject.digest)).toBe(subject)
  store.removeManifest(next.digest)
  expect(store.manifest('1')).toBeUndefined()
  expect(store.manifest(subject.digest)).toBe(subject)
})

test('keeps blobs and manifests apart', () => {
  const store = new RepositoryStore()
  store.putManifest(subject)
  expect(store.blob(subject.digest)).toBeUndefined()
  const blob = contentOf('application/octet-stream', Buffer.from('blob'))
  store.putBlob(blob)
  expect(store.blob(blob.digest)).toBe(blob)
  expect(store.manifest(blob.digest)).toBeUndefined()
})

test('lists the referrers of a subject in the order in which they were stored', () => {
  const store = new RepositoryStore()
  const [first, second] = [
    referrer({ artifactType: 'a/b', annotations: { n: '1' } }),
    referrer({ artifactType: 'c/d' }),
  ]
  const other = manifest({ layers: [], annotations: { n: 'other' } })
  for (const content of [first, subject, referrer({ artifactType: 'a/b' }, other), second]) store.putManifest(content)
  expect(store.referrers(subject.digest).mediaType).toBe(OCI_INDEX)
  expect(listed(store)).toEqual({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      {
        mediaType: OCI_MANIFEST,
        digest: first.digest,
        size: first.bytes.length,
        artifactType: 'a/b',
        annotations: { n: '1' },
      },
      { mediaType: OCI_MANIFEST, digest: second.digest, size: second.bytes.length, artifactType: 'c/d' },
    ],
  })
  expect(listed(store, 'c/d')).toMatchObject({ manifests: [{ digest: second.digest }] })
  expect(listed(new RepositoryStore())).toMatchObject({ manifests: [] })
})

test('takes a missing artifact type from the media type of the config', () => {
  const store = new RepositoryStore()
  store.putManifest(referrer({ config: { mediaType: 'application/vnd.example.config' } }))
  store.putManifest(referrer({ artifactType: 'own/type', config: { mediaType: 'application/vnd.example.config' } }))
  store.putManifest(referrer({ layers: [] }))
  expect(listed(store)).toMatchObject({
    manifests: [{ artifactType: 'application/vnd.example.config' }, { artifactType: 'own/type' }, {}],
  })
  expect(listed(store)).not.toHaveProperty('manifests.2.artifactType')
})

test('lists no manifest that is not JSON or has a malformed subject', () => {
  const store = new RepositoryStore()
  for (const bytes of ['not JSON', 'null', '[]', '{"subject":"x"}', '{"subject":null}'])
    store.putManifest(contentOf(OCI_MANIFEST, Buffer.from(bytes)))
  expect(listed(store)).toMatchObject({ manifests: [] })
})
