import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLayoutClient } from '@verify-images/registry-fetcher'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { fixedObjects } from '../kubernetes.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'
import { openSnapshot } from './snapshot.ts'

let world: SigningWorld
let folder: string
beforeEach(async () => {
  world = await createSigningWorld()
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'))
})
afterEach(async () => {
  await world.close()
  await rm(folder, { recursive: true })
})

function verifierOf(
  policies: ImageVerifierOptions['policies'],
  options: Partial<ImageVerifierOptions> = {},
): ImageVerifier {
  return createImageVerifier({
    registry: world.registryClient(),
    clock: world.clock,
    trust: world.trust,
    ...options,
    policies,
  })
}

/** A verdict without the number of requests, of which a snapshot makes none. */
const decided = ({ requests: _, ...verdict }: ResourceVerdict): unknown => JSON.parse(JSON.stringify(verdict))

async function compare(policies: ImageVerifierOptions['policies'], references: readonly string[]): Promise<void> {
  const results = await verifierOf(policies).snapshot(
    references.map((each) => podOf(each)),
    folder,
  )
  const before = world.registry.requests.length
  const offline = verifierOf(policies, await openSnapshot(folder))
  for (const [i, reference] of references.entries()) {
    const [result, verdict] = [results[i], await offline.verifyResource(podOf(reference))]
    expect(verdict.requests.total).toBe(0)
    if (result?.kind === 'object') expect(decided(verdict)).toEqual(decided(result.verdict))
  }
  expect(world.registry.requests).toHaveLength(before)
}

test('signed, unsigned and missing images have the same verdict from a snapshot, without a socket', async () => {
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  world.image('registry.test/app:unsigned')
  world.image('registry.test/app:other').signedBy(world.key('mallory'))
  await compare(policyOf([signedBy([world.key('release')])]), [
    'registry.test/app:signed',
    'registry.test/app:unsigned',
    'registry.test/app:missing',
    'registry.test/app:other',
  ])
})

test('a keyless bundle has the same verdict from a snapshot, with the trust root of the caller', async () => {
  const identity = { subject: 'release@example.com', issuer: 'https://issuer.example' }
  world.image('registry.test/app:1').bundledKeylessly(identity)
  const keyless = { keyless: { ...identity, rekor: { url: 'https://rekor.sigstore.dev' } } }
  const policies = policyOf([signedBy([], { type: 'SigstoreBundle', attestors: [{ entries: [keyless] }] })])
  await compare(policies, ['registry.test/app:1'])
  const untrusting = verifierOf(policies, { ...(await openSnapshot(folder)), trust: world.sigstore('foreign').trust })
  expect(await untrusting.verifyResource(podOf('registry.test/app:1'))).toMatchObject({ admitted: false })
})

test('an unavailable registry, and what was not fetched, are inconclusive from a snapshot', async () => {
  const policies = policyOf([signedBy([world.key('release')])])
  const { admitted, outcome } = await broken(policies)
  expect([admitted, outcome]).toEqual([false, 'inconclusive'])
  const offline = verifierOf(policies, await openSnapshot(folder))
  expect(await offline.verifyResource(podOf('registry.test/app:1'))).toMatchObject({ outcome: 'inconclusive' })
  expect(await offline.verifyResource(podOf('registry.test/never-asked:1'))).toMatchObject({ outcome: 'inconclusive' })
})

async function broken(policies: ImageVerifierOptions['policies']): Promise<ResourceVerdict> {
  const faulty = await createSigningWorld({ faults: () => ({ status: 403 }) })
  faulty.image('registry.test/app:1')
  const verifier = verifierOf(policies, { registry: faulty.registryClient() })
  const [result] = await verifier.snapshot([podOf('registry.test/app:1')], folder)
  await faulty.close()
  if (result?.kind !== 'object') throw new Error('expected a verdict')
  return result.verdict
}

test('a snapshot is an OCI image layout that other readers can use', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const policies = policyOf([signedBy([world.key('release')])])
  await verifierOf(policies).snapshot([podOf('registry.test/app:1')], folder)
  expect((await readdir(folder)).sort()).toEqual(['blobs', 'index.json', 'oci-layout', 'verify-images-snapshot.json'])
  const registry = createLayoutClient({ 'registry.test/app': folder })
  const offline = verifierOf(policies, { registry })
  expect(await offline.verifyResource(podOf('registry.test/app:1'))).toMatchObject({ admitted: true })
})

describe('what a snapshot must not decide', () => {
  test('a changed file of a snapshot is refused by its digest', async () => {
    const { digest } = world.image('registry.test/app:1').signedBy(world.key('release'))
    const policies = policyOf([signedBy([world.key('release')])])
    await verifierOf(policies).snapshot([podOf('registry.test/app:1')], folder)
    const offline = verifierOf(policies, await openSnapshot(folder))
    expect((await offline.verifyResource(podOf('registry.test/app:1'))).admitted).toBe(true)
    await writeFile(join(folder, 'blobs/sha256', digest.slice(7)), '{}')
    const changed = verifierOf(policies, await openSnapshot(folder))
    expect(await changed.verifyResource(podOf('registry.test/app:1'))).toMatchObject({
      admitted: false,
      outcome: 'inconclusive',
    })
  })

  test('keys and clock of a snapshot are used only with trustFromSnapshot', async () => {
    world.image('registry.test/app:1').signedBy(world.key('mallory'))
    const kms = { keys: { kms: 'awskms:///alias/release', rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }
    const policies = policyOf([signedBy([], { attestors: [{ entries: [kms] }] })])
    const keys = { resolveKey: () => Promise.resolve(world.key('mallory').publicKey) }
    await verifierOf(policies, { keys }).snapshot([podOf('registry.test/app:1')], folder)
    const own = { resolveKey: () => Promise.resolve(world.key('release').publicKey) }
    const safe = verifierOf(policies, { keys: own, ...(await openSnapshot(folder)) })
    expect((await safe.verifyResource(podOf('registry.test/app:1'))).admitted).toBe(false)
    const trusting = verifierOf(policies, { keys: own, ...(await openSnapshot(folder, { trustFromSnapshot: true })) })
    expect((await trusting.verifyResource(podOf('registry.test/app:1'))).admitted).toBe(true)
    expect(Object.keys(await openSnapshot(folder)).sort()).toEqual(['credentialProviders', 'registry'])
  })
})

test('a snapshot has the look-ups, and never a value of a Secret', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const password = Buffer.from('s3cr3t-password').toString('base64')
  const dockerconfig = Buffer.from(
    JSON.stringify({ auths: { 'registry.test': { username: 'a', password: 's3cr3t-password' } } }),
  ).toString('base64')
  const kubernetes = fixedObjects([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { frozen: 'no' } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'pull', namespace: 'kyverno' },
      data: { '.dockerconfigjson': dockerconfig },
    },
  ])
  const deny = { any: [{ key: '{{ c.data.frozen }}', operator: 'Equals', value: 'yes' }] }
  const entry = {
    imageRegistryCredentials: { secrets: ['pull'] },
    validate: { message: 'frozen', deny: { conditions: deny } },
  }
  const policies = policyOf([signedBy([world.key('release')], entry)], {
    rule: { context: [{ name: 'c', configMap: { name: 'c', namespace: 'default' } }] },
  })
  const [result] = await verifierOf(policies, { kubernetes }).snapshot([podOf('registry.test/app:1')], folder)
  expect(result).toMatchObject({ verdict: { admitted: true } })
  const written = await readFile(join(folder, 'verify-images-snapshot.json'), 'utf8')
  expect(written).toContain('frozen')
  for (const secret of ['s3cr3t-password', password, dockerconfig]) expect(written).not.toContain(secret)
  const offline = verifierOf(policies, await openSnapshot(folder, { trustFromSnapshot: true }))
  expect(await offline.verifyResource(podOf('registry.test/app:1'))).toMatchObject({ admitted: true })
})

test('writing refuses a folder with a snapshot, and opening one without', async () => {
  const verifier = verifierOf(policyOf([signedBy([world.key('release')])]))
  await expect(openSnapshot(folder)).rejects.toMatchObject({ code: 'VERIFIER_OPTIONS_INVALID' })
  await verifier.snapshot([], folder)
  await expect(verifier.snapshot([], folder)).rejects.toMatchObject({ code: 'VERIFIER_OPTIONS_INVALID' })
})

test.each([
  ['no object', '[]'],
  ['another version', '{"version":2,"answers":[],"credentialProviders":[]}'],
  ['a broken answer', '{"version":1,"answers":[{"of":"manifest"}],"credentialProviders":[]}'],
  ['a key twice', '{"version":1,"version":1,"answers":[],"credentialProviders":[]}'],
])('refuses a snapshot with %s', async (_, text) => {
  await writeFile(join(folder, 'verify-images-snapshot.json'), text)
  await expect(openSnapshot(folder)).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:VERIFIER_OPTIONS|REGISTRY_RESPONSE)_INVALID$/),
  })
})
