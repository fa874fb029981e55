import type { ArtifactSource, ImageSubject, Outcome } from '@verify-images/attestor-evaluator'
import { expect, test } from 'vitest'
import { type Digest, parseDigest } from '@verify-images/primitives'
import { overPlatforms, type PlatformChoice } from './platforms.ts'

const digest = (letter: string): Digest => parseDigest(`sha256:${letter.repeat(64)}`)
const index = digest('f')
const subject: ImageSubject = { reference: 'registry.test/app:1', repository: 'registry.test/app', tag: '1' }
const child = (letter: string, platform: object, annotations?: object): object => ({
  digest: digest(letter),
  platform,
  annotations,
})
const amd = child('a', { os: 'linux', architecture: 'amd64' })
const arm = child('b', { os: 'linux', architecture: 'arm', variant: 'v7' })
const provenance = child(
  'c',
  { os: 'unknown', architecture: 'unknown' },
  { 'vnd.docker.reference.type': 'attestation-manifest' },
)

type Accepted = { readonly digest: Digest; readonly evidence: readonly [] }

/** Verifies over a registry that holds this document, where these digests (`tag` for the tag itself) are signed. */
async function verify(
  choice: PlatformChoice,
  document: object | string,
  signed: readonly string[],
): Promise<Outcome<Accepted>> {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const source = {
    fetchManifest: () => Promise.resolve({ digest: index, mediaType: '', bytes: Buffer.from(text) }),
  } as unknown as ArtifactSource
  return overPlatforms<Accepted>(choice, subject, { source, signal: new AbortController().signal }, (each) => {
    const name = each.digest ?? 'tag'
    return Promise.resolve(
      signed.includes(name)
        ? { kind: 'accepted', digest: each.digest ?? index, evidence: [] }
        : {
            kind: 'rejected',
            failure: {
              kind: 'reason',
              reason: { code: 'ATTESTOR_NO_SIGNATURE', message: `${name} is unsigned` },
              inconclusive: false,
            },
          },
    )
  })
}

const manifests = { manifests: [amd, arm, provenance] }

test.each<[string, PlatformChoice, readonly string[], 'accepted' | 'rejected']>([
  ['the index itself is signed', 'index', ['tag'], 'accepted'],
  ['only the children are signed, and the index is required', 'index', [digest('a'), digest('b')], 'rejected'],
  ['the index is signed, any child is required', 'any-child', ['tag'], 'accepted'],
  ['one child is signed, any child is required', 'any-child', [digest('b')], 'accepted'],
  ['no manifest is signed, any child is required', 'any-child', [], 'rejected'],
  ['every child is signed', 'every-child', [digest('a'), digest('b')], 'accepted'],
  ['one child is not signed, every child is required', 'every-child', [digest('a')], 'rejected'],
  ['the index is signed, every child is required', 'every-child', ['tag'], 'rejected'],
  ['the named platform is signed', ['linux/arm/v7'], [digest('b')], 'accepted'],
  ['the named platform is not signed', ['linux/arm/v7'], [digest('a')], 'rejected'],
])('%s', async (_, choice, signed, expected) => {
  expect((await verify(choice, manifests, signed)).kind).toBe(expected)
})

test('the index is pinned, and not a child', async () => {
  expect(await verify('every-child', manifests, [digest('a'), digest('b')])).toMatchObject({
    kind: 'accepted',
    digest: index,
  })
})

test('an image that is not an index is its own only child', async () => {
  expect((await verify('every-child', { layers: [] }, [index])).kind).toBe('accepted')
})

test.each<[string, PlatformChoice, object]>([
  [
    'calls itself an attestation',
    'every-child',
    child('d', { os: 'linux', architecture: 'amd64' }, { 'vnd.docker.reference.type': 'attestation-manifest' }),
  ],
  ['is for no platform, and no attestation', 'every-child', child('d', { os: 'unknown', architecture: 'unknown' })],
  ['names the architecture x86_64', ['linux/amd64'], child('d', { os: 'linux', architecture: 'x86_64' })],
  ['names the platform in capital letters', ['linux/amd64'], child('d', { os: 'Linux', architecture: 'AMD64' })],
  ['names the variant v1', ['linux/x86-64'], child('d', { os: 'linux', architecture: 'amd64', variant: 'v1' })],
  ['names no platform', ['linux/amd64'], { digest: digest('d') }],
  ['names no operating system', ['linux/amd64'], child('d', { architecture: 'amd64' })],
  [
    'is for another version of the operating system',
    ['linux/amd64'],
    child('d', { os: 'linux', architecture: 'amd64', 'os.version': '99' }),
  ],
  ['is the second for a named platform', ['linux/amd64'], child('d', { os: 'linux', architecture: 'amd64' })],
])('a child that %s is verified like the others', async (_, choice, other) => {
  const signed = [digest('a'), digest('b')]
  expect((await verify(choice, { manifests: [amd, arm, provenance, other] }, signed)).kind).toBe('rejected')
  expect((await verify(choice, { manifests: [amd, arm, provenance, other] }, [...signed, digest('d')])).kind).toBe(
    'accepted',
  )
})

test.each<[string, PlatformChoice, object | string, string]>([
  ['an index without the required platform', ['linux/s390x'], manifests, 'VERIFIER_PLATFORM_MISSING'],
  ['an empty index', 'every-child', { manifests: [] }, 'VERIFIER_PLATFORM_MISSING'],
  [
    'a child without a digest',
    'every-child',
    { manifests: [amd, { ...amd, digest: 'latest' }] },
    'VERIFIER_PLATFORMS_UNREADABLE',
  ],
  [
    'a child with two digests',
    'every-child',
    `{"manifests":[{"digest":"${digest('c')}","digest":"${digest('a')}"}]}`,
    'VERIFIER_PLATFORMS_UNREADABLE',
  ],
  ['a child that is a string', 'every-child', { manifests: [amd, 'app'] }, 'VERIFIER_PLATFORMS_UNREADABLE'],
  [
    'an index of too many',
    'every-child',
    { manifests: Array.from({ length: 101 }, () => amd) },
    'VERIFIER_TOO_MANY_PLATFORMS',
  ],
])('%s never passes', async (_, choice, document, code) => {
  expect(await verify(choice, document, [digest('a'), digest('b'), index])).toMatchObject({
    kind: 'inconclusive',
    failure: { reason: { code } },
  })
})

test('with `any-child`, a child that could not be checked makes the outcome inconclusive', async () => {
  const source = {
    fetchManifest: () =>
      Promise.resolve({ digest: index, mediaType: '', bytes: Buffer.from(JSON.stringify(manifests)) }),
  } as unknown as ArtifactSource
  const refuseWith = (kinds: Readonly<Record<string, 'rejected' | 'inconclusive'>>) =>
    overPlatforms<Accepted>('any-child', subject, { source, signal: new AbortController().signal }, (each) => {
      const name = each.digest ?? 'tag'
      const kind = kinds[name] ?? 'rejected'
      const reason = { code: 'ATTESTOR_NO_SIGNATURE', message: name } as const
      return Promise.resolve({ kind, failure: { kind: 'reason', reason, inconclusive: kind === 'inconclusive' } })
    })
  for (const name of ['tag', digest('a'), digest('b')])
    expect(await refuseWith({ [name]: 'inconclusive' })).toMatchObject({ kind: 'inconclusive' })
  expect(await refuseWith({})).toMatchObject({ kind: 'rejected' })
})
