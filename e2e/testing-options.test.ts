import {
  createSigningKey,
  createSigningWorld,
  cycloneDx,
  githubWorkflow,
  provenance,
  startLoopbackRegistry,
  vulnerabilities,
  type SigningWorld,
} from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

// What callers without types may write. Each would leave something as it should be, and the test that asked for a flaw would say nothing.

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

const person = { subject: 'user@example.com', issuer: 'https://accounts.example.com' }
const scan = vulnerabilities()
const image = (): ReturnType<SigningWorld['image']> => world.image('registry.test/app:1')

test.each<[string, () => unknown, RegExp]>([
  [
    'a flaw of a signature',
    () => image().signedBy(world.key('a'), {}, { flaw: 'brocken-signature' } as never),
    /^`flaw` must be `broken-signature` or .*, found `brocken-signature`$/,
  ],
  [
    'the word flaw',
    () => image().signedKeylessly(person, { flaws: ['other-digest'] } as never),
    /^`flaws` is not an option/,
  ],
  [
    'a log',
    () => image().signedKeylessly(person, { log: 'v3' } as never),
    /^`log` must be `none` or `v1` or `v2`, found `v3`$/,
  ],
  [
    'a time',
    () => image().signedKeylessly(person, { at: '2026-01-01' } as never),
    /^`at` must be a time, found a text$/,
  ],
  [
    'the flaw of an attestation',
    () => image().attestedBy(world.key('a'), scan, { flaw: 'x' } as never),
    /^`flaw` must be/,
  ],
  [
    'an attestation',
    () => image().attestedBy(world.key('a'), { predicateType: 'x', predicate: {} } as never),
    /^`attestation.predicateType` is not an option/,
  ],
  [
    'an attestation that is left out',
    () => image().attestedKeylessly(person, undefined as never),
    /^`attestation` must be an object, found nothing$/,
  ],
  [
    'the version of a bundle',
    () => image().bundledBy(world.key('a'), { version: '0.4' } as never),
    /^`version` must be `0.1` or `0.2` or `0.3`, found `0.4`$/,
  ],
  [
    'the content of a bundle',
    () => image().bundledBy(world.key('a'), { content: 'mesage' } as never),
    /^`attestation` must be an object, found a text$/,
  ],
  ['the entry of a bundle', () => image().bundledKeylessly(person, { entry: 'dse' } as never), /^`entry` must be/],
  [
    'the envelope of the Notary Project',
    () => image().notarizedBy(world.certificateAuthority('a').issue('a'), { envelope: 'cosee' } as never),
    /^`envelope` must be `jws` or `cose`, found `cosee`$/,
  ],
  [
    'a key without a certificate',
    () => image().notarizedBy(world.key('a') as never),
    /^`key` must be a key with a certificate/,
  ],
  [
    'an identity',
    () => image().signedKeylessly({ subjet: 'x', issuer: 'y' } as never),
    /^`identity.subjet` is not an option, expected one of subject, issuer, claims$/,
  ],
  [
    'a claim',
    () => image().signedKeylessly({ ...person, claims: { githubWorkflowReff: 'x' } } as never),
    /^`identity.claims.githubWorkflowReff` is not an option/,
  ],
  ['no signer', () => image().signedBy(undefined as never), /^`signer` must be an object, found nothing$/],
  ['a kind of key', () => world.key('z', 'P-999' as never), /^`kind` must be `P-256` or .*, found `P-999`$/],
  ['a kind of a fresh key', () => createSigningKey('ed25519' as never), /^`kind` must be .*, found `ed25519`$/],
  [
    'a certificate',
    () => world.certificateAuthority('a').issue('a', { notafter: new Date() } as never),
    /^`notafter` is not an option/,
  ],
  ['the severity of findings', () => vulnerabilities({ critcal: 5 } as never), /^`critcal` is not an option/],
  [
    'a count of findings',
    () => vulnerabilities({ critical: '5' } as never),
    /^`critical` must be a whole number of at least 0, found a text$/,
  ],
  [
    'a component',
    () => cycloneDx([{ name: 'x', version: '1', licence: 'MIT' }] as never),
    /^`components\[0\].licence` is not an option/,
  ],
  [
    'a workflow',
    () => githubWorkflow({ repo: 'acme/app' } as never),
    /^`repo` is not an option, expected one of repository, /,
  ],
  ['a workflow of nothing', () => provenance({} as never), /^`repository` must be a text, found nothing$/],
  [
    'platforms in a list',
    () => world.index('registry.test/index:1', [image()] as never),
    /^`platforms` must be an object, .*, found a list$/,
  ],
  [
    'a platform that is no image',
    () => world.index('registry.test/index:1', { 'linux/amd64': 'registry.test/app:1' } as never),
    /^`platforms\.linux\/amd64` must be an image/,
  ],
])('%s is refused', (_, ask, message) => {
  expect(ask).toThrow(
    expect.objectContaining({ name: 'RangeError', message: expect.stringMatching(message) as string }),
  )
})

test.each([
  [{ fault: () => undefined }, /^`fault` is not an option, expected one of /],
  [{ now: 'x' }, /^`now` must be a time, found a text$/],
  [{ referrersApi: 'no' }, /^`referrersApi` must be true or false, found a text$/],
])('a world of %j is refused', async (options, message) => {
  await expect(createSigningWorld(options as never)).rejects.toThrow(message)
})

test('a registry has no time', async () => {
  await expect(startLoopbackRegistry({ now: new Date() } as never)).rejects.toThrow(/^`now` is not an option/)
})

test('a key has one kind', () => {
  expect(world.key('kind', 'Ed25519')).toBe(world.key('kind'))
  expect(() => world.key('kind', 'P-256')).toThrow('the key kind is there already, of kind Ed25519')
})

test('an image that is asked for again is the same, with what is attached to it', () => {
  const signed = world.image('registry.test/again:1').signedBy(world.key('a'))
  const again = world.image('registry.test/again:1')
  expect(again.digest).toBe(signed.digest)
  expect(world.registry.repository('again').manifest(signed.digest.replace(':', '-') + '.sig')).toBeDefined()
})

test('what is undefined is as good as left out', () => {
  expect(githubWorkflow({ repository: 'acme/app', ref: undefined })).toEqual(githubWorkflow({ repository: 'acme/app' }))
  expect(() => image().signedKeylessly(person, { flaw: undefined, at: undefined })).not.toThrow()
})
