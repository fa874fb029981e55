import type { ReasonCode } from '@verify-images/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createSigningWorld,
  githubWorkflow,
  vulnerabilities,
  type Flaw,
  type KeyKind,
  type SigningOptions,
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
const image = (): TestImage => world.image(`registry.test/cosign:${String(count++)}`)

const release = githubWorkflow({ repository: 'acme/app' })
const keyless = keylessAttestor(release.subject, release.issuer)
const person = { subject: 'user@example.com', issuer: 'https://accounts.example.com' }

test.each<KeyKind>(['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'RSA-4096', 'Ed25519'])(
  'accepts a signature by a key of kind %s, and rejects one by another key',
  async (kind) => {
    const entry = entryOf(keyAttestor(world.key(kind, kind)))
    await expect(judge(world, image().signedBy(world.key(kind, kind)), entry)).toBeAdmitted()
    await expect(judge(world, image().signedBy(world.key('mallory')), entry)).toBeDeniedWith(
      'ATTESTOR_SIGNATURE_INVALID',
    )
  },
)

test('accepts another hash only if the policy names it', async () => {
  const app = image().signedBy(world.key('p384', 'P-384'), undefined, { hash: 'sha384' })
  await expect(
    judge(
      world,
      app,
      entryOf({
        keys: {
          publicKeys: world.key('p384').publicKey,
          signatureAlgorithm: 'sha384',
          rekor: { ignoreTlog: true },
          ctlog: { ignoreSCT: true },
        },
      }),
    ),
  ).toBeAdmitted()
  await expect(judge(world, app, entryOf(keyAttestor(world.key('p384'))))).toBeDeniedWith('ATTESTOR_SIGNATURE_INVALID')
})

test('compares the signed annotations', async () => {
  const app = image().signedBy(world.key('release'), { env: 'prod' })
  const asking = (env: string): object => entryOf({ ...keyAttestor(world.key('release')), annotations: { env } })
  await expect(judge(world, app, asking('prod'))).toBeAdmitted()
  await expect(judge(world, app, asking('dev'))).toBeDeniedWith('ATTESTOR_ANNOTATION_MISMATCH')
})

test('rejects an image that another key has re-signed, and one without signatures', async () => {
  const entry = entryOf(keyAttestor(world.key('release')))
  const app = image().signedBy(world.key('release'))
  await expect(judge(world, app.resignedBy(world.key('mallory')), entry)).toBeDeniedWith('ATTESTOR_SIGNATURE_INVALID')
  await expect(judge(world, app.unsigned(), entry)).toBeDeniedWith('ATTESTOR_NO_SIGNATURE')
})

test('rejects signatures and attestations of another image', async () => {
  const entry = entryOf(keyAttestor(world.key('release')))
  const signed = image().signedBy(world.key('release')).attestedBy(world.key('release'), vulnerabilities())
  await expect(judge(world, image().withSignaturesOf(signed), entry)).toBeDeniedWith('ATTESTOR_PAYLOAD_MISMATCH')
  await expect(
    judge(
      world,
      image().withSignaturesOf(signed),
      attestedEntry(keyAttestor(world.key('release')), vulnerabilities().type, undefined),
    ),
  ).toBeDeniedWith('ATTESTOR_PAYLOAD_MISMATCH')
})

test('requires a log entry for a key signature if the policy does', async () => {
  const entry = entryOf(
    keyAttestor(world.key('release'), { ctlog: { ignoreSCT: true }, rekor: { url: 'https://rekor.sigstore.test' } }),
  )
  await expect(judge(world, image().signedBy(world.key('release'), undefined, { log: 'v1' }), entry)).toBeAdmitted()
  await expect(judge(world, image().signedBy(world.key('release')), entry)).toBeDeniedWith('ATTESTOR_LOG_ENTRY_MISSING')
})

test('accepts a certificate only with the chain of the policy', async () => {
  const authority = world.certificateAuthority('acme')
  const entry = (chain: string): object =>
    entryOf({ certificates: { certChain: chain, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } })
  const app = image().signedBy(authority.issue('release'))
  await expect(judge(world, app, entry(authority.chain))).toBeAdmitted()
  await expect(judge(world, app, entry(world.certificateAuthority('other').chain))).toBeDeniedWith(
    'ATTESTOR_CERTIFICATE_UNTRUSTED',
  )
  const expired = image().signedBy(authority.issue('release', { notAfter: new Date(world.now.getTime() - 1000) }))
  await expect(judge(world, expired, entry(authority.chain))).toBeDeniedWith('ATTESTOR_CERTIFICATE_EXPIRED')
})

test('accepts only the certificate that a policy pins', async () => {
  const key = world.certificateAuthority('acme').issue('pinned', { kind: 'RSA-2048' })
  const entry = entryOf({
    certificates: { cert: key.certificate, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } },
  })
  await expect(judge(world, image().signedBy(key), entry)).toBeAdmitted()
  await expect(judge(world, image().signedBy(world.certificateAuthority('acme').issue('other')), entry)).toBeDeniedWith(
    'ATTESTOR_SIGNATURE_INVALID',
  )
})

test.each([release, person, { subject: 'build-bot', issuer: 'https://issuer.example.com' }])(
  'accepts a keyless signature by $subject, and rejects another subject or issuer',
  async (identity) => {
    const app = image().signedKeylessly(identity)
    await expect(judge(world, app, entryOf(keylessAttestor(identity.subject, identity.issuer)))).toBeAdmitted()
    await expect(
      judge(world, app, entryOf(keylessAttestor('https://github.com/mallory/*', identity.issuer))),
    ).toBeDeniedWith('ATTESTOR_IDENTITY_MISMATCH')
    await expect(
      judge(world, app, entryOf(keylessAttestor(identity.subject, 'https://issuer.mallory.example'))),
    ).toBeDeniedWith('ATTESTOR_IDENTITY_MISMATCH')
  },
)

test('compares the claims of a workflow with additionalExtensions', async () => {
  const asking = (repository: string): object =>
    entryOf(
      keylessAttestor(release.subject, release.issuer, {
        additionalExtensions: { githubWorkflowRepository: repository, githubWorkflowRef: 'refs/heads/main' },
      }),
    )
  await expect(judge(world, image().signedKeylessly(release), asking('acme/app'))).toBeAdmitted()
  await expect(judge(world, image().signedKeylessly(release), asking('acme/other'))).toBeDeniedWith(
    'ATTESTOR_IDENTITY_MISMATCH',
  )
})

test('accepts trust that is stated in the policy', async () => {
  const { roots, rekorPublicKey, certificateLogPublicKey, timestampChain } = world.sigstore('private').policyTrust
  const entry = entryOf(
    keylessAttestor(person.subject, person.issuer, {
      roots,
      rekor: { url: 'https://rekor.private.test', pubkey: rekorPublicKey },
      ctlog: { pubkey: certificateLogPublicKey, tsaCertChain: timestampChain },
    }),
  )
  await expect(
    judge(world, image().signedKeylessly(person, { instance: world.sigstore('private'), timestamp: true }), entry),
  ).toBeAdmitted()
  await expect(
    judge(
      world,
      image().signedKeylessly(person, {
        instance: world.sigstore('private'),
        timestamp: true,
        flaw: 'untrusted-authority',
      }),
      entry,
    ),
  ).toBeDeniedWith('ATTESTOR_CERTIFICATE_UNTRUSTED')
})

test('takes the time from a timestamp if the log is ignored', async () => {
  const entry = entryOf(
    keylessAttestor(person.subject, person.issuer, {
      rekor: { url: 'https://rekor.sigstore.test', ignoreTlog: true },
      ctlog: { tsaCertChain: world.sigstore().policyTrust.timestampChain },
    }),
  )
  await expect(judge(world, image().signedKeylessly(person, { log: 'none', timestamp: true }), entry)).toBeAdmitted()
  await expect(
    judge(world, image().signedKeylessly(person, { log: 'none', timestamp: true, flaw: 'untrusted-timestamp' }), entry),
  ).toBeDeniedWith('ATTESTOR_TIMESTAMP_INVALID')
  await expect(judge(world, image().signedKeylessly(person, { log: 'none' }), entry)).toBeDeniedWith(
    'ATTESTOR_CERTIFICATE_EXPIRED',
  )
})

const FLAWS: readonly (readonly [Flaw, ReasonCode, SigningOptions])[] = [
  ['broken-signature', 'ATTESTOR_SIGNATURE_INVALID', {}],
  ['other-digest', 'ATTESTOR_PAYLOAD_MISMATCH', {}],
  ['expired-certificate', 'ATTESTOR_CERTIFICATE_EXPIRED', {}],
  ['untrusted-authority', 'ATTESTOR_CERTIFICATE_UNTRUSTED', {}],
  ['no-certificate-timestamp', 'ATTESTOR_SCT_INVALID', {}],
  ['untrusted-certificate-log', 'ATTESTOR_SCT_INVALID', {}],
  ['other-log-entry', 'ATTESTOR_LOG_ENTRY_INVALID', {}],
  ['untrusted-log', 'ATTESTOR_LOG_ENTRY_INVALID', {}],
  ['altered-log-time', 'ATTESTOR_LOG_ENTRY_INVALID', {}],
]

test.each(FLAWS)('rejects a keyless signature with the flaw %s with %s', async (flaw, code, options) => {
  await expect(judge(world, image().signedKeylessly(release, { ...options, flaw }), entryOf(keyless))).toBeDeniedWith(
    code,
  )
})

test.each(FLAWS)('rejects a keyless attestation with the flaw %s with %s', async (flaw, code, options) => {
  const entry = attestedEntry(keyless, vulnerabilities().type, undefined)
  await expect(
    judge(world, image().attestedKeylessly(release, vulnerabilities(), { ...options, flaw }), entry),
  ).toBeDeniedWith(code)
})

test('evaluates conditions on attestations by a key and on keyless ones', async () => {
  const condition = { key: '{{ scanner.result.criticalCount }}', operator: 'Equals', value: 0 }
  const { type, predicate } = vulnerabilities()
  for (const [attestor, attest] of [
    [
      keyAttestor(world.key('scanner')),
      (critical: number) => image().attestedBy(world.key('scanner'), vulnerabilities({ critical })),
    ],
    [keyless, (critical: number) => image().attestedKeylessly(release, vulnerabilities({ critical }))],
  ] as const) {
    const entry = attestedEntry(attestor, type, condition)
    await expect(judge(world, attest(0), entry)).toBeAdmitted()
    await expect(judge(world, attest(3), entry)).toBeDeniedWith('ATTESTOR_CONDITION_NOT_MET')
  }
  await expect(
    judge(
      world,
      image().attestedBy(world.key('scanner'), type, predicate),
      attestedEntry(keyAttestor(world.key('scanner')), type, condition),
    ),
  ).toBeAdmitted()
})

test('rejects a flaw in a part that the signature does not have', () => {
  expect(() => image().signedBy(world.key('release'), undefined, { flaw: 'expired-certificate' })).toThrow(
    'the flaw expired-certificate needs a short-lived certificate',
  )
  expect(() => image().signedBy(world.key('release'), undefined, { flaw: 'untrusted-log' })).toThrow('log entry')
  expect(() => image().signedKeylessly(release, { flaw: 'broken-inclusion-proof' })).toThrow('inclusion proof')
  expect(() => image().signedKeylessly(release, { flaw: 'untrusted-timestamp' })).toThrow('timestamp')
  expect(() => image().signedKeylessly(release, { log: 'v2' })).toThrow('Rekor v2')
})

test('accepts a signed index, and not its unsigned child', async () => {
  const amd64 = image()
  const app = world
    .index(`registry.test/cosign:${String(count++)}`, { 'linux/amd64': amd64, 'linux/arm64/v8': image() })
    .signedBy(world.key('release'))
  await expect(judge(world, app, entryOf(keyAttestor(world.key('release'))))).toBeAdmitted()
  await expect(judge(world, amd64, entryOf(keyAttestor(world.key('release'))))).toBeDeniedWith('ATTESTOR_NO_SIGNATURE')
})

test('says that a Sigstore bundle is attached where the tag that `type: Cosign` reads is missing', async () => {
  const key = world.key('release')
  const scan = vulnerabilities({ critical: 0 })
  const hint = 'a Sigstore bundle is attached, which `type: Cosign` does not read; `type: SigstoreBundle` does'
  const reasonsOf = async (signed: TestImage, entry: object): Promise<readonly string[]> =>
    (await judge(world, signed, entry)).rules.flatMap(({ reasons }) => reasons.map(({ message }) => message))
  const attested = attestedEntry(keyAttestor(key), scan.type, undefined)

  const bundled = image().bundledBy(key)
  expect(await reasonsOf(bundled, entryOf(keyAttestor(key)))).toEqual([`no cosign signature; ${hint}`])
  expect(await reasonsOf(bundled, attested)).toEqual([`no cosign attestation; ${hint}`])
  // The control: nothing is attached.
  expect(await reasonsOf(image(), entryOf(keyAttestor(key)))).toEqual(['the image is not signed'])
})

test('calls an image unsigned, without a hint, if its referrers cannot be listed', async () => {
  const broken = await createSigningWorld({
    faults: ({ path }) => (path.includes('/referrers/') ? { status: 403 } : undefined),
  })
  const bundled = broken.image('registry.test/app:1').bundledBy(broken.key('release'))
  const verdict = await judge(broken, bundled, entryOf(keyAttestor(broken.key('release'))))
  expect(verdict).toMatchObject({ outcome: 'rejected', rules: [{ reasons: [{ message: 'the image is not signed' }] }] })
  await broken.close()
})
