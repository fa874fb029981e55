import type { ReasonCode } from '@verify-images/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createSigningWorld,
  githubWorkflow,
  provenance,
  vulnerabilities,
  type BundleOptions,
  type Flaw,
  type KeyKind,
  type SigningWorld,
  type TestImage,
} from '@verify-images/testing'
import { attestedEntry, entryOf, keyAttestor, keylessAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import '@verify-images/testing/vitest'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

let count = 0
const image = (): TestImage => world.image(`registry.test/bundle:${String(count++)}`)

const release = githubWorkflow({ repository: 'acme/app', ref: 'refs/tags/v1' })
const keyless = keylessAttestor(release.subject, release.issuer)
const signed = (attestor: object): object => entryOf(attestor, { type: 'SigstoreBundle' })
const attested = (attestor: object, type: string, condition?: object): object =>
  attestedEntry(attestor, type, condition, { type: 'SigstoreBundle' })

test.each<KeyKind>(['P-256', 'P-384', 'P-521', 'RSA-2048', 'Ed25519'])(
  'accepts a bundle by a key of kind %s, and rejects one by another key',
  async (kind) => {
    const entry = signed(keyAttestor(world.key(kind, kind)))
    await expect(judge(world, image().bundledBy(world.key(kind)), entry)).toBeAdmitted()
    await expect(judge(world, image().bundledBy(world.key('mallory')), entry)).toBeDeniedWith(
      'ATTESTOR_SIGNATURE_INVALID',
    )
  },
)

const FORMS: readonly BundleOptions[] = [
  { version: '0.1' },
  { version: '0.2' },
  { version: '0.3' },
  { content: 'message' },
  { entry: 'intoto' },
  { timestamp: true },
  { log: 'v2' },
  { log: 'v2', entry: 'dsse' },
  { log: 'v2', content: 'message' },
  { version: '0.2', log: 'v2' },
  { annotations: { env: 'prod' } },
]

test.each(FORMS)('accepts a keyless bundle with the options %o', async (options) => {
  await expect(judge(world, image().bundledKeylessly(release, options), signed(keyless))).toBeAdmitted()
})

test.each(FORMS)(
  'accepts a logged key bundle with the options %o, and rejects one that is not logged',
  async (options) => {
    const entry = signed(keyAttestor(world.key('release'), { rekor: { url: 'https://rekor.sigstore.test' } }))
    await expect(judge(world, image().bundledBy(world.key('release'), { log: 'v1', ...options }), entry)).toBeAdmitted()
    await expect(
      judge(world, image().bundledBy(world.key('release'), { ...options, log: 'none' }), entry),
    ).toBeDeniedWith('ATTESTOR_LOG_ENTRY_MISSING')
  },
)

const FLAWS: readonly (readonly [Flaw, ReasonCode, BundleOptions])[] = [
  ['broken-signature', 'ATTESTOR_SIGNATURE_INVALID', {}],
  ['other-digest', 'ATTESTOR_PAYLOAD_MISMATCH', {}],
  ['other-digest', 'ATTESTOR_PAYLOAD_MISMATCH', { content: 'message' }],
  ['expired-certificate', 'ATTESTOR_CERTIFICATE_EXPIRED', {}],
  ['expired-certificate', 'ATTESTOR_CERTIFICATE_EXPIRED', { log: 'v2' }],
  ['untrusted-authority', 'ATTESTOR_CERTIFICATE_UNTRUSTED', {}],
  ['no-certificate-timestamp', 'ATTESTOR_SCT_INVALID', {}],
  ['untrusted-certificate-log', 'ATTESTOR_SCT_INVALID', {}],
  ['other-log-entry', 'ATTESTOR_LOG_ENTRY_INVALID', {}],
  ['other-log-entry', 'ATTESTOR_LOG_ENTRY_INVALID', { content: 'message' }],
  ['other-log-entry', 'ATTESTOR_LOG_ENTRY_INVALID', { log: 'v2' }],
  ['untrusted-log', 'ATTESTOR_LOG_ENTRY_MISSING', {}],
  ['untrusted-log', 'ATTESTOR_LOG_ENTRY_MISSING', { log: 'v2' }],
  ['altered-log-time', 'ATTESTOR_LOG_ENTRY_INVALID', {}],
  ['broken-inclusion-proof', 'ATTESTOR_LOG_ENTRY_INVALID', {}],
  ['broken-inclusion-proof', 'ATTESTOR_LOG_ENTRY_INVALID', { log: 'v2' }],
  ['untrusted-timestamp', 'ATTESTOR_TIMESTAMP_MISSING', { log: 'v2' }],
]

test.each(FLAWS)('rejects a keyless bundle with the flaw %s with %s (%o)', async (flaw, code, options) => {
  await expect(judge(world, image().bundledKeylessly(release, { ...options, flaw }), signed(keyless))).toBeDeniedWith(
    code,
  )
})

test('compares the signed annotations', async () => {
  const asking = (env: string): object => signed({ ...keyAttestor(world.key('release')), annotations: { env } })
  const app = image().bundledBy(world.key('release'), { annotations: { env: 'prod' } })
  await expect(judge(world, app, asking('prod'))).toBeAdmitted()
  await expect(judge(world, app, asking('dev'))).toBeDeniedWith('ATTESTOR_ANNOTATION_MISMATCH')
})

test('rejects a bundle of another identity', async () => {
  const app = image().bundledKeylessly({ subject: 'mallory@example.com', issuer: 'https://accounts.example.com' })
  await expect(judge(world, app, signed(keyless))).toBeDeniedWith('ATTESTOR_IDENTITY_MISMATCH')
})

test('rejects a bundle of another image', async () => {
  const app = image().withSignaturesOf(image().bundledKeylessly(release))
  await expect(judge(world, app, signed(keyless))).toBeDeniedWith('ATTESTOR_PAYLOAD_MISMATCH')
})

test('requires a timestamp for Rekor v2, whose entries have no time', async () => {
  await expect(
    judge(world, image().bundledKeylessly(release, { log: 'v2', timestamp: false }), signed(keyless)),
  ).toBeDeniedWith('ATTESTOR_TIMESTAMP_MISSING')
})

test('evaluates conditions on attestations in bundles', async () => {
  const condition = { key: '{{ scanner.result.criticalCount }}', operator: 'Equals', value: 0 }
  const entry = attested(keyAttestor(world.key('scanner')), vulnerabilities().type, condition)
  await expect(
    judge(world, image().bundledBy(world.key('scanner'), { content: vulnerabilities() }), entry),
  ).toBeAdmitted()
  await expect(
    judge(world, image().bundledBy(world.key('scanner'), { content: vulnerabilities({ critical: 1 }) }), entry),
  ).toBeDeniedWith('ATTESTOR_CONDITION_NOT_MET')
})

test.each<BundleOptions['log']>(['v1', 'v2'])(
  'accepts the provenance that GitHub attests, logged in Rekor %s',
  async (log) => {
    const condition = (builder: string): object => ({
      key: '{{ runDetails.builder.id }}',
      operator: 'Equals',
      value: builder,
    })
    const app = image().attestedByGitHub({ repository: 'acme/app', ref: 'refs/tags/v1' }, log && { log })
    const { type } = provenance({ repository: 'acme/app' })
    await expect(judge(world, app, signed(keyless))).toBeAdmitted()
    await expect(
      judge(
        world,
        app,
        attested(keyless, type, condition('https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1')),
      ),
    ).toBeAdmitted()
    await expect(
      judge(world, app, attested(keyless, type, condition('https://github.com/mallory/app'))),
    ).toBeDeniedWith('ATTESTOR_CONDITION_NOT_MET')
  },
)

test('finds bundles at the fallback tag of a registry without the referrers API', async () => {
  const old = await createSigningWorld({ referrersApi: false })
  try {
    const key = old.key('release')
    const app = old.image('registry.test/app:1').bundledBy(key).bundledBy(old.key('other'))
    await expect(judge(old, app, signed(keyAttestor(key)))).toBeAdmitted()
    await expect(judge(old, app, signed(keyAttestor(old.key('other'))))).toBeAdmitted()
    await expect(judge(old, app.unsigned(), signed(keyAttestor(key)))).toBeDeniedWith('ATTESTOR_NO_SIGNATURE')
  } finally {
    await old.close()
  }
})

test('rejects combinations of options that no tool produces', () => {
  expect(() => image().bundledKeylessly(release, { version: '0.1', log: 'v2' })).toThrow(
    'cannot hold an entry of Rekor v2',
  )
  expect(() => image().bundledKeylessly(release, { log: 'v2', entry: 'intoto' })).toThrow('got intoto')
  expect(() => image().bundledKeylessly(release, { entry: 'hashedrekord' })).toThrow('got hashedrekord')
  expect(() => image().bundledKeylessly(release, { log: 'v2', flaw: 'altered-log-time' })).toThrow('inclusion promise')
})

test('looks for bundles in the repository that the policy names, and holds them to the same signer', async () => {
  const app = image().bundledBy(world.key('release'))
  const [own, store] = ['bundle', 'signatures'].map((name) => world.registry.repository(name))
  const [referrer] = own?.referringTo(app.digest) ?? []
  if (referrer === undefined) throw new Error('the image has a bundle')
  const { layers } = JSON.parse(Buffer.from(referrer.bytes).toString()) as { layers: readonly { digest: string }[] }
  for (const { digest } of layers) {
    const blob = own?.blob(digest)
    if (blob !== undefined) store?.putBlob(blob)
  }
  store?.putManifest(referrer)
  own?.removeManifest(referrer.digest)
  const at = (key: string, repository?: string): object =>
    signed({ ...keyAttestor(world.key(key)), ...(repository !== undefined && { repository }) })
  await expect(judge(world, app, at('release', 'registry.test/signatures'))).toBeAdmitted()
  await expect(judge(world, app, at('other', 'registry.test/signatures'))).toBeDeniedWith('ATTESTOR_SIGNATURE_INVALID')
  await expect(judge(world, app, at('release'))).toBeDeniedWith('ATTESTOR_NO_SIGNATURE')
})
