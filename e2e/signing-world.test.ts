import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { entryOf, keylessAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import '@verify-images/testing/vitest'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

const person = { subject: 'user@example.com', issuer: 'https://accounts.example.com' }

test('creates keys, authorities and instances once per name', () => {
  expect(world.key('a')).toBe(world.key('a'))
  expect(world.key('a')).not.toBe(world.key('b'))
  expect(world.certificateAuthority('a')).toBe(world.certificateAuthority('a'))
  expect(world.sigstore()).toBe(world.sigstore('sigstore'))
  expect(world.sigstore('other').trustedRootJson).not.toBe(world.trustedRootJson)
})

test('has a fixed time and signs an hour earlier', async () => {
  const now = new Date('2031-05-01T12:00:00Z')
  const later = await createSigningWorld({ now })
  try {
    expect(later.clock()).toEqual(now)
    const verdict = await judge(
      later,
      later.image('registry.test/app:1').signedKeylessly(person),
      entryOf(keylessAttestor(person.subject, person.issuer)),
    )
    expect(verdict.evidence[0]?.times).toEqual([{ source: 'log-promise', at: '2031-05-01T11:00:00.000Z' }])
    const earlier = later.image('registry.test/app:2').signedKeylessly(person, { at: new Date('2030-01-01T00:00:00Z') })
    expect(
      (await judge(later, earlier, entryOf(keylessAttestor(person.subject, person.issuer)))).evidence[0]?.times,
    ).toEqual([{ source: 'log-promise', at: '2030-01-01T00:00:00.000Z' }])
  } finally {
    await later.close()
  }
})

test('trusts only the default instance', async () => {
  const entry = entryOf(keylessAttestor(person.subject, person.issuer))
  await expect(
    judge(
      world,
      world.image('registry.test/app:1').signedKeylessly(person, { instance: world.sigstore('other') }),
      entry,
    ),
  ).toBeDeniedWith('ATTESTOR_LOG_ENTRY_INVALID')
  const trust = world.sigstore('other').trust
  await expect(
    judge(
      world,
      world.image('registry.test/app:2').signedKeylessly(person, { instance: world.sigstore('other') }),
      entry,
      { trust },
    ),
  ).toBeAdmitted()
})

test('gives images distinct digests, on hosts that need not exist', async () => {
  const [a, b] = [world.image('registry.test/app:1'), world.image('ghcr.io/acme/app:1')]
  expect(a.digest).not.toBe(b.digest)
  const { admitted, digest } = await judge(
    world,
    b.signedKeylessly(person),
    entryOf(keylessAttestor(person.subject, person.issuer), { imageReferences: ['ghcr.io/*'] }),
  )
  expect({ admitted, digest }).toEqual({ admitted: true, digest: b.digest })
})

test('routes the hosts of images that are created after the client', async () => {
  const fresh = await createSigningWorld()
  try {
    const client = fresh.registryClient()
    fresh.image('registry.test/app:1')
    await client.openSession().fetchManifest('registry.test/app', '1', AbortSignal.timeout(5000))
    const { digest } = fresh.image('later.test/app:1')
    expect(await client.openSession().fetchManifest('later.test/app', '1', AbortSignal.timeout(5000))).toMatchObject({
      digest,
    })
    client.close()
  } finally {
    await fresh.close()
  }
})
