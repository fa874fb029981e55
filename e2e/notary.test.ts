import type { ReasonCode } from '@verify-images/core'
import { createNotaryVerifier } from '@verify-images/notary'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSigningWorld, type Flaw, type KeyKind, type SigningWorld, type TestImage } from '@verify-images/testing'
import { attestedEntry, entryOf } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import '@verify-images/testing/vitest'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

let count = 0
const image = (): TestImage => world.image(`registry.test/notary:${String(count++)}`)
const by = (authority: string): object => ({ certificates: { cert: world.certificateAuthority(authority).root } })
const entry = (authority = 'acme'): object => entryOf(by(authority), { type: 'Notary' })
const ENVELOPES = ['jws', 'cose'] as const

for (const envelope of ENVELOPES) {
  test.each<KeyKind>(['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072'])(
    `accepts a ${envelope} signature by a key of kind %s, and rejects one of another authority`,
    async (kind) => {
      const app = image().notarizedBy(world.certificateAuthority('acme').issue(`release ${kind}`, { kind }), {
        envelope,
      })
      await expect(judge(world, app, entry())).toBeAdmitted()
      await expect(judge(world, app, entry('other'))).toBeDeniedWith('ATTESTOR_CERTIFICATE_UNTRUSTED')
    },
  )

  test.each<readonly [Flaw, ReasonCode]>([
    ['broken-signature', 'ATTESTOR_SIGNATURE_INVALID'],
    ['other-digest', 'ATTESTOR_PAYLOAD_MISMATCH'],
  ])(`rejects a ${envelope} signature with the flaw %s with %s`, async (flaw, code) => {
    await expect(
      judge(
        world,
        image().notarizedBy(world.certificateAuthority('acme').issue('release'), { envelope, flaw }),
        entry(),
      ),
    ).toBeDeniedWith(code)
  })

  test(`rejects a ${envelope} signature that has expired, or whose certificate has`, async () => {
    const authority = world.certificateAuthority('acme')
    const before = new Date(world.now.getTime() - 60_000)
    const after = new Date(world.now.getTime() + 60_000)
    await expect(
      judge(world, image().notarizedBy(authority.issue('release'), { envelope, expiresAt: before }), entry()),
    ).toBeDeniedWith('ATTESTOR_SIGNATURE_EXPIRED')
    await expect(
      judge(world, image().notarizedBy(authority.issue('release'), { envelope, expiresAt: after }), entry()),
    ).toBeAdmitted()
    await expect(
      judge(world, image().notarizedBy(authority.issue('release', { notAfter: before }), { envelope }), entry()),
    ).toBeDeniedWith('ATTESTOR_CERTIFICATE_EXPIRED')
  })

  test(`accepts a ${envelope} signature after its certificate expired only with a trusted timestamp`, async () => {
    const authority = world.certificateAuthority('acme')
    const document = JSON.stringify({
      version: '1.0',
      trustPolicies: [
        {
          name: 'acme',
          registryScopes: ['*'],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:acme', 'tsa:timestamps'],
          trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'],
        },
      ],
    })
    const rootOf = (chain: string): string => chain.slice(chain.lastIndexOf('-----BEGIN'))
    const verifier = createNotaryVerifier({
      trustPolicy: {
        document,
        trustStores: {
          ca: { acme: authority.root },
          tsa: { timestamps: rootOf(world.sigstore().timestampAuthority.chain) },
        },
      },
    })
    const key = authority.issue('release', { notAfter: new Date(world.now.getTime() - 60_000) })
    const timestamped = image().notarizedBy(key, { envelope, timestamp: true })
    await expect(judge(world, timestamped, entry(), { verifiers: [verifier] })).toBeAdmitted()
    await expect(judge(world, timestamped, entry())).toBeDeniedWith('ATTESTOR_CERTIFICATE_EXPIRED')
    await expect(
      judge(world, image().notarizedBy(key, { envelope, timestamp: true, flaw: 'untrusted-timestamp' }), entry(), {
        verifiers: [verifier],
      }),
    ).toBeDeniedWith('ATTESTOR_TIMESTAMP_INVALID')
    await expect(
      judge(world, image().notarizedBy(key, { envelope }), entry(), { verifiers: [verifier] }),
    ).toBeDeniedWith('ATTESTOR_TIMESTAMP_MISSING')
  })

  test(`compares the signed metadata of a ${envelope} signature`, async () => {
    const verifier = createNotaryVerifier({ userMetadata: { env: 'prod' } })
    const signed = (env: string): TestImage =>
      image().notarizedBy(world.certificateAuthority('acme').issue('release'), { envelope, metadata: { env } })
    await expect(judge(world, signed('prod'), entry(), { verifiers: [verifier] })).toBeAdmitted()
    await expect(judge(world, signed('dev'), entry(), { verifiers: [verifier] })).toBeDeniedWith(
      'ATTESTOR_ANNOTATION_MISMATCH',
    )
  })
}

test('rejects a signature of another image', async () => {
  const app = image().withSignaturesOf(image().notarizedBy(world.certificateAuthority('acme').issue('release')))
  await expect(judge(world, app, entry())).toBeDeniedWith('ATTESTOR_PAYLOAD_MISMATCH')
})

test('verifies the signature of an attestation, and evaluates conditions on it', async () => {
  const condition = { key: '{{ bomFormat }}', operator: 'Equals', value: 'CycloneDX' }
  const entryWithCondition = attestedEntry(by('acme'), 'sbom/cyclone-dx', condition, { type: 'Notary' })
  const key = world.certificateAuthority('acme').issue('release')
  await expect(
    judge(world, image().notaryAttestedBy(key, 'sbom/cyclone-dx', { bomFormat: 'CycloneDX' }), entryWithCondition),
  ).toBeAdmitted()
  await expect(
    judge(world, image().notaryAttestedBy(key, 'sbom/cyclone-dx', { bomFormat: 'SPDX' }), entryWithCondition),
  ).toBeDeniedWith('ATTESTOR_CONDITION_NOT_MET')
  await expect(
    judge(
      world,
      image().notaryAttestedBy(world.certificateAuthority('other').issue('mallory'), 'sbom/cyclone-dx', {
        bomFormat: 'CycloneDX',
      }),
      entryWithCondition,
    ),
  ).toBeDeniedWith('ATTESTOR_CERTIFICATE_UNTRUSTED')
})

test('evaluates conditions for every attestation of the attestor, and ignores those of others', async () => {
  const entryWithCondition = attestedEntry(
    by('acme'),
    'scan/report',
    { key: '{{ critical }}', operator: 'Equals', value: 0 },
    { type: 'Notary' },
  )
  const key = world.certificateAuthority('acme').issue('release')
  const stranger = world.certificateAuthority('other').issue('mallory')
  const scanned = (signer: typeof key, ...counts: readonly number[]): TestImage =>
    counts.reduce((app, critical) => app.notaryAttestedBy(signer, 'scan/report', { critical }), image())
  await expect(judge(world, scanned(key, 0), entryWithCondition)).toBeAdmitted()
  await expect(judge(world, scanned(key, 3, 0), entryWithCondition)).toBeDeniedWith('ATTESTOR_CONDITION_NOT_MET')
  await expect(judge(world, scanned(key, 0, 3), entryWithCondition)).toBeDeniedWith('ATTESTOR_CONDITION_NOT_MET')
  const beside = scanned(stranger, 3).notaryAttestedBy(key, 'scan/report', { critical: 0 })
  await expect(judge(world, beside, entryWithCondition)).toBeAdmitted()
})

test('throws for Ed25519 keys and for flaws in log entries', () => {
  expect(() => image().notarizedBy(world.certificateAuthority('acme').issue('release', { kind: 'Ed25519' }))).toThrow(
    'Ed25519',
  )
  expect(() =>
    image().notarizedBy(world.certificateAuthority('acme').issue('release'), { flaw: 'untrusted-log' }),
  ).toThrow('log entry')
})
