import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCorpusText } from '../testing/corpus-source.ts'
import { builtInTrust } from '../sigstore/public-good.ts'
import { parseTrustedRoot } from '../sigstore/trusted-root.ts'
import { createTufKey, startTufMirror, tufRelease, tufRoot } from '../testing/test-tuf-mirror.ts'
import { fetchTrustedRoot, githubTrust, refreshed, sigstorePublicGood, type TufTrust, tufTrust } from './tuf-trust.ts'

const key = createTufKey()
const mallory = createTufKey()
const first = readCorpusText('registry/trust/sigstore-1/trusted_root.json')
const second = readCorpusText('registry/trust/sigstore-2/trusted_root.json')
const signal = AbortSignal.timeout(30_000)

let mirror: Awaited<ReturnType<typeof startTufMirror>>
let folder: string

beforeEach(async () => {
  mirror = await startTufMirror()
  folder = mkdtempSync(join(tmpdir(), 'tuf-trust-'))
  writeFileSync(join(folder, 'first-root.json'), tufRoot(key))
  serve(tufRelease(key, first))
})

afterEach(() => {
  mirror.close()
  rmSync(folder, { recursive: true })
})

function serve(...releases: readonly Map<string, string>[]): void {
  for (const release of releases) for (const [path, body] of release) mirror.files.set(path, body)
}

const trust = (): TufTrust =>
  tufTrust({
    cacheFolder: join(folder, 'cache'),
    mirror: mirror.url,
    root: join(folder, 'first-root.json'),
    timeoutMs: 2000,
  })
const authorityOf = async (loading: ReturnType<TufTrust['load']>): Promise<string | undefined> =>
  (await loading).certificateAuthorities[0]?.uri

test('fetches once, and again only on refresh', async () => {
  const source = trust()
  expect(mirror.asked).toEqual([])
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-1.test')
  const asked = mirror.asked.length
  await source.load(signal)
  expect(mirror.asked).toHaveLength(asked)

  serve(tufRelease(key, second, { version: 2 }))
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-1.test')
  expect(await authorityOf(source.refresh(signal))).toBe('https://fulcio.sigstore-2.test')
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-2.test')
})

test('fetches the root as it was published, and no root whose metadata another key signed', async () => {
  const options = { cacheFolder: join(folder, 'cache'), mirror: mirror.url, root: join(folder, 'first-root.json') }
  expect(await fetchTrustedRoot(options, signal)).toBe(first)
  serve(tufRelease(mallory, second, { version: 2 }))
  await expect(fetchTrustedRoot(options, signal)).rejects.toThrow(
    expect.objectContaining({ code: 'ATTESTOR_TRUST_UNAVAILABLE' }),
  )
  await expect(fetchTrustedRoot(options, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})

const initial = {
  origin: () => ({ asOf: '2026-01-01T00:00:00.000Z' }),
  load: async () => parseTrustedRoot(second),
}
const repository = (refreshMs: number): Parameters<typeof refreshed>[0] => ({
  cacheFolder: join(folder, 'cache'),
  mirror: mirror.url,
  root: join(folder, 'first-root.json'),
  timeoutMs: 2000,
  refreshMs,
})

test('an evaluation never waits for a refresh: it has the initial root, and a later one the fetched root', async () => {
  const source = refreshed(repository(60_000), initial)
  expect(source.origin()).toEqual({ asOf: initial.origin().asOf })
  expect(mirror.asked).toEqual([])
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-2.test')
  await expect.poll(() => authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-1.test')
  expect(source.origin()).toEqual({ asOf: expect.any(String) })
  expect(source.origin().asOf?.localeCompare(initial.origin().asOf)).toBe(1)
  const asked = mirror.asked.length
  await source.load(signal)
  expect(mirror.asked).toHaveLength(asked)
})

test('is refreshed in the background once it is due', async () => {
  const source = refreshed(repository(1))
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-1.test')
  serve(tufRelease(key, second, { version: 2 }))
  await expect.poll(() => authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-2.test')
})

test('a refresh that fails keeps the root, says why, and is not tried again at once', async () => {
  mirror.files.clear()
  const source = refreshed(repository(1), initial)
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-2.test')
  await expect
    .poll(() => source.origin().failure?.message)
    .toMatch(/^fetching the trusted root from the TUF repository http:\/\/127\.0\.0\.1:\d\S* failed: /)
  expect(source.origin().asOf).toEqual(initial.origin().asOf)
  const asked = mirror.asked.length
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-2.test')
  expect(mirror.asked).toHaveLength(asked)
})

test('a repository that cannot be reached is named, with the cause in the network', async () => {
  mirror.close()
  const options = { cacheFolder: join(folder, 'cache'), mirror: mirror.url, root: join(folder, 'first-root.json') }
  await expect(fetchTrustedRoot(options, signal)).rejects.toThrow(
    /TUF repository http:\/\/127\.0\.0\.1:\d+ failed: .*ECONNREFUSED 127\.0\.0\.1:\d+/,
  )
})

test('the trust of the public good instance begins with the built-in copy, that of GitHub needs a first root', () => {
  expect(sigstorePublicGood({ cacheFolder: folder }).origin()).toEqual(builtInTrust().origin())
  expect(() => githubTrust({ cacheFolder: folder } as never)).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_OPTIONS_INVALID', message: expect.stringContaining('root') }),
  )
  expect(githubTrust({ cacheFolder: folder, root: 'root.json' }).origin()).toEqual({})
})

test('accepts a new root that is signed by the old keys and the new ones', async () => {
  serve(
    new Map([['/2.root.json', tufRoot(mallory, { version: 2, signers: [key, mallory] })]]),
    tufRelease(mallory, second, { version: 2 }),
  )
  expect(await authorityOf(trust().load(signal))).toBe('https://fulcio.sigstore-2.test')
})

const attacks: readonly (readonly [string, () => readonly Map<string, string>[]])[] = [
  ['a release signed by unknown keys', () => [tufRelease(mallory, second, { version: 2 })]],
  ['an older release', () => [tufRelease(key, second, { version: 1 })]],
  ['a release that has expired', () => [tufRelease(key, second, { version: 3, expires: '2020-01-01T00:00:00Z' })]],
  [
    'a root that is signed by the new keys only',
    () => [new Map([['/2.root.json', tufRoot(mallory, { version: 2 })]]), tufRelease(mallory, second, { version: 3 })],
  ],
  [
    'a root that skips a version',
    () => [new Map([['/2.root.json', tufRoot(key, { version: 3 })]]), tufRelease(key, second, { version: 3 })],
  ],
  [
    'a root with threshold 0',
    () => [
      new Map([['/2.root.json', tufRoot(key, { version: 2, threshold: 0 })]]),
      tufRelease(key, second, { version: 3 }),
    ],
  ],
  [
    'a root that names one key twice',
    () => [
      new Map([['/2.root.json', tufRoot(key, { version: 2, keyIds: [key.id, key.id], threshold: 2 })]]),
      tufRelease(key, second, { version: 3 }),
    ],
  ],
  [
    'a root that has expired',
    () => [
      new Map([['/2.root.json', tufRoot(key, { version: 2, expires: '2020-01-01T00:00:00Z' })]]),
      tufRelease(key, second, { version: 3 }),
    ],
  ],
  ['a target of another name only', () => [tufRelease(key, second, { version: 3, name: '../../x' })]],
  ['a target whose bytes were replaced', () => [exchanged(tufRelease(key, second, { version: 3 }))]],
  ['a target that is not a trusted root', () => [tufRelease(key, '{}', { version: 3 })]],
  ['endless metadata', () => [new Map([['/timestamp.json', ' '.repeat(10_000_000)]])]],
  ['metadata that is not JSON', () => [new Map([['/timestamp.json', 'x']])]],
]

test.each(attacks)('keeps the last trust when the mirror serves %s', async (_name, releases) => {
  const source = trust()
  serve(tufRelease(key, first, { version: 2 }))
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-1.test')

  serve(...releases())
  await expect(source.refresh(signal)).rejects.toMatchObject({
    name: 'AttestorError',
    code: 'ATTESTOR_TRUST_UNAVAILABLE',
  })
  expect(await authorityOf(source.load(signal))).toBe('https://fulcio.sigstore-1.test')
  expect(readdirSync(folder).sort()).toEqual(['cache', 'first-root.json'])
  expect(readdirSync(join(folder, 'cache'))).toEqual([encodeURIComponent(mirror.url.slice('http://'.length))])
})

test('fails without a first root, without a mirror, or within too short a timeout', async () => {
  const unavailable = { code: 'ATTESTOR_TRUST_UNAVAILABLE' }
  await expect(tufTrust({ cacheFolder: join(folder, 'cache'), mirror: mirror.url }).load(signal)).rejects.toMatchObject(
    unavailable,
  )
  const aborted = new AbortController()
  const waiting = trust().load(aborted.signal)
  aborted.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  mirror.close()
  await expect(trust().load(signal)).rejects.toMatchObject(unavailable)
})

test.each(['ftp://x', '../', 'https://user:secret@host', 'https://host/?x', ''])('refuses the mirror %j', (mirror) => {
  expect(() => tufTrust({ cacheFolder: folder, mirror })).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_TRUST_UNAVAILABLE' }),
  )
})

function exchanged(release: Map<string, string>): Map<string, string> {
  return new Map(
    [...release].map(([path, body]) => [
      path,
      path.startsWith('/targets/') ? body.replace('sigstore-2', 'sigstore-9') : body,
    ]),
  )
}
