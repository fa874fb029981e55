import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, type Digest } from '@verify-images/primitives'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RegistrySession } from '../session.ts'
import { createLayoutClient } from './layout-client.ts'

const NAME = 'registry.test/acme/app'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layout-'))
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

interface Entry {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly annotations?: Record<string, string>
}

async function put(content: object | string, annotations: Record<string, string> = {}): Promise<Entry> {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  const digest = digestOf(bytes)
  await writeFile(fileOf(digest), bytes)
  return { mediaType: MANIFEST, digest, size: bytes.length, annotations }
}

const fileOf = (digest: Digest): string => join(folder, 'blobs/sha256', digest.slice('sha256:'.length))
const image = (extra: object = {}): object => ({
  schemaVersion: 2,
  mediaType: MANIFEST,
  config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(Buffer.from('{}')), size: 2 },
  layers: [],
  ...extra,
})

function writeIndex(...manifests: readonly object[]): Promise<void> {
  return writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }))
}

const open = (): RegistrySession => createLayoutClient({ [NAME]: folder }).openSession()
const REF = 'org.opencontainers.image.ref.name'

test.each(['1', `${NAME}:1`])('finds an image by its tag, named as %s, and by its digest', async (name) => {
  const entry = await put(image(), { [REF]: name })
  await writeIndex(entry)
  const session = open()
  const stored = { digest: entry.digest, mediaType: MANIFEST }
  expect(await session.fetchManifest(NAME, '1')).toMatchObject(stored)
  expect(await session.fetchManifest(NAME, entry.digest)).toMatchObject(stored)
  expect(await session.fetchManifest(NAME, '2')).toMatchObject({ notFound: true, detail: { status: 404 } })
  expect(session.cost).toEqual({ total: 0, byHost: {} })
})

test('the tag of another repository is not the tag of this one', async () => {
  await writeIndex(await put(image(), { [REF]: 'registry.test/acme/other:1' }))
  expect(await open().fetchManifest(NAME, '1')).toHaveProperty('notFound', true)
})

test('finds what cosign saved with an image, and only for that image', async () => {
  const app = await put(image({ annotations: { a: '1' } }), { kind: 'dev.cosignproject.cosign/image' })
  const signatures = await put(image({ annotations: { a: '2' } }), { kind: 'dev.cosignproject.cosign/sigs' })
  await writeIndex(app, signatures)
  const tag = (digest: Digest): string => `${digest.replace(':', '-')}.sig`
  expect(await open().fetchManifest(NAME, tag(app.digest))).toHaveProperty('digest', signatures.digest)
  expect(await open().fetchManifest(NAME, tag(signatures.digest))).toHaveProperty('notFound', true)
  expect(await open().fetchManifest(NAME, tag(app.digest).replace('.sig', '.att'))).toHaveProperty('notFound', true)
})

test('lists the referrers of an image with their types, also those in an index', async () => {
  const app = await put(image(), { [REF]: '1' })
  const bundle = await put(image({ subject: app, artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }))
  const nested = await put({ schemaVersion: 2, mediaType: INDEX, manifests: [bundle] })
  await writeIndex(app, { ...nested, mediaType: INDEX })
  expect(await open().listReferrers(NAME, app.digest)).toMatchObject({
    descriptors: [{ digest: bundle.digest, artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }],
    complete: true,
    source: 'api',
  })
  expect(await open().listReferrers(NAME, bundle.digest)).toMatchObject({ descriptors: [], source: 'none' })
})

test('an index inside the layout names no tags: its publisher wrote it', async () => {
  const other = await put(image(), { [REF]: '1' })
  const nested = await put({ schemaVersion: 2, mediaType: INDEX, manifests: [other] })
  await writeIndex({ ...nested, mediaType: INDEX, annotations: { [REF]: 'multi' } })
  expect(await open().fetchManifest(NAME, '1')).toHaveProperty('notFound', true)
  expect(await open().fetchManifest(NAME, 'multi')).toHaveProperty('digest', nested.digest)
})

test('reads blobs with their size and digest', async () => {
  const blob = await put('payload')
  await writeIndex()
  expect(Buffer.from(await open().fetchBlob(NAME, blob, 100)).toString()).toBe('payload')
  await expect(open().fetchBlob(NAME, { ...blob, size: 9 }, 100)).rejects.toMatchObject({
    code: 'REGISTRY_SIZE_MISMATCH',
  })
  await expect(open().fetchBlob(NAME, blob, 3)).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_TOO_LARGE' })
})

test('refuses a file that was changed, and one that is not a regular file', async () => {
  const app = await put(image(), { [REF]: '1' })
  const blob = await put('payload')
  await writeIndex(app)
  await writeFile(fileOf(app.digest), JSON.stringify(image({ annotations: { evil: '1' } })))
  await expect(open().fetchManifest(NAME, '1')).rejects.toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' })
  await rm(fileOf(blob.digest))
  await symlink('/etc/hostname', fileOf(blob.digest))
  await expect(open().fetchBlob(NAME, blob, 100)).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_INVALID' })
})

describe('what is listed and not there could say anything, so', () => {
  test('a tag and a digest whose manifest is missing cannot be checked', async () => {
    const app = await put(image(), { [REF]: '1' })
    const app2 = await put(image({ annotations: { a: '2' } }), { kind: 'dev.cosignproject.cosign/image' })
    const signatures = await put(image({ annotations: { a: '3' } }), { kind: 'dev.cosignproject.cosign/sigs' })
    await writeIndex(app, app2, signatures)
    for (const { digest } of [app, signatures]) await rm(fileOf(digest))
    for (const reference of ['1', app.digest, `${app2.digest.replace(':', '-')}.sig`])
      await expect(open().fetchManifest(NAME, reference)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
    // The control: what is not listed either is not found.
    await writeIndex(app2)
    expect(await open().fetchManifest(NAME, app.digest)).toHaveProperty('notFound', true)
    expect(await open().fetchManifest(NAME, '1')).toHaveProperty('notFound', true)
  })

  test.each<[string, (bundle: Entry) => Promise<void>]>([
    ['a manifest is missing', ({ digest }) => rm(fileOf(digest))],
    ['a manifest is malformed', async () => writeIndex(await appEntry(), await put('[]'))],
    ['an index in it is missing', async () => writeIndex(await appEntry(), { ...MISSING, mediaType: INDEX })],
    [
      'an index in it has an entry without a digest',
      async () => {
        const nested = await put({ schemaVersion: 2, mediaType: INDEX, manifests: [{ mediaType: MANIFEST }] })
        return writeIndex(await appEntry(), { ...nested, mediaType: INDEX })
      },
    ],
  ])('the referrers are not complete where %s', async (_, change) => {
    const app = await appEntry()
    const bundle = await put(image({ subject: app }))
    await writeIndex(app, bundle)
    expect(await open().listReferrers(NAME, app.digest)).toMatchObject({ descriptors: [{}], complete: true })
    await change(bundle)
    expect(await open().listReferrers(NAME, app.digest)).toMatchObject({ descriptors: [], complete: false })
  })

  test.each([
    ['an entry without a digest', { manifests: [{ mediaType: MANIFEST, annotations: { [REF]: '1' } }] }],
    ['no array', { manifests: {} }],
  ])('nothing can be checked where `index.json` has %s', async (_, index) => {
    await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType: INDEX, ...index }))
    await expect(open().fetchManifest(NAME, '1')).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_INVALID' })
  })
})

const MISSING = { digest: digestOf(Buffer.from('missing')), size: 7 }
const appEntry = (): Promise<Entry> => put(image(), { [REF]: '1' })

test('a tag that two manifests have is refused, because another reader could take the other one', async () => {
  const app = await put(image(), { [REF]: '1' })
  const other = await put(image({ annotations: { a: '2' } }), { [REF]: `${NAME}:1` })
  await writeIndex(app, other)
  await expect(open().fetchManifest(NAME, '1')).rejects.toMatchObject({ code: 'REGISTRY_MANIFEST_AMBIGUOUS' })
  // The control: one manifest may be listed under both names.
  await writeIndex(app, { ...app, annotations: { [REF]: `${NAME}:1` } })
  expect(await open().fetchManifest(NAME, '1')).toHaveProperty('digest', app.digest)
})

test.each(['sha256:../../../../etc/hostname', `sha256:${'../'.repeat(21)}a`, '../index.json', 'sha256-../1'])(
  'the reference %s does not lead out of the folder',
  async (reference) => {
    await writeIndex(await put(image(), { [REF]: '1' }))
    await expect(open().fetchManifest(NAME, reference)).rejects.toMatchObject({ code: 'REGISTRY_REFERENCE_INVALID' })
    const blob = { mediaType: '', digest: reference as Digest, size: 10 }
    await expect(open().fetchBlob(NAME, blob, 100)).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_TOO_LARGE' })
  },
)

test('a layout with too many manifests is refused before they are read', async () => {
  const app = await appEntry()
  const nested = await put({ schemaVersion: 2, mediaType: INDEX, manifests: Array.from({ length: 2_000 }, () => app) })
  const many = Array.from({ length: 6 }, () => ({ ...nested, mediaType: INDEX }))
  await writeIndex(...many.slice(0, 4))
  expect(await open().listReferrers(NAME, app.digest)).toMatchObject({ complete: true })
  for (const tooMany of [many, Array.from({ length: 10_001 }, () => app)]) {
    await writeIndex(...tooMany)
    await expect(open().listReferrers(NAME, app.digest)).rejects.toMatchObject({
      code: expect.stringMatching(/^REGISTRY_(?:LIMIT_EXCEEDED|MANIFEST_INVALID)$/),
    })
  }
})

test('a repository without a layout, and a folder that is not a layout, cannot be checked', async () => {
  await expect(open().fetchManifest('registry.test/other', '1')).rejects.toMatchObject({
    code: 'REGISTRY_UNAVAILABLE',
  })
  await expect(open().fetchManifest(NAME, '1')).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
})

test('a manifest that two readers could read differently is refused', async () => {
  await writeIndex(await put(image({ manifests: [] }), { [REF]: '1' }))
  await expect(open().fetchManifest(NAME, '1')).rejects.toMatchObject({ code: 'REGISTRY_MANIFEST_AMBIGUOUS' })
})

test('an aborted session reads nothing', async () => {
  const session = createLayoutClient({ [NAME]: folder }).openSession({ signal: AbortSignal.abort() })
  await expect(session.fetchManifest(NAME, '1')).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
})

test.each([null, { '': 'a' }, { 'registry.test/app': 7 }])('refuses the layouts %j', (layouts) => {
  expect(() => createLayoutClient(layouts as unknown as Record<string, string>)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^REGISTRY_(?:OPTIONS|REFERENCE)_INVALID$/) }),
  )
})
