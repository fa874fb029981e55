import { createRegistryClient } from '@verify-images/core'
import { fixed } from '@verify-images/registry-fetcher'
import {
  createSigningWorld,
  registryProfiles,
  type Fault,
  type LoggedRequest,
  type RegistryKind,
  type SigningWorld,
  type TestImage,
} from '@verify-images/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { entryOf, keyAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'

/** Requests for: a cosign signature, a bundle, an unsigned image in either format, and one given by its digest. */
type Counts = readonly [cosign: number, bundle: number, unsigned: number, unsignedBundle: number, byDigest: number]

const counts: Readonly<Record<RegistryKind, Counts>> = {
  ghcr: [6, 8, 6, 5, 6],
  'docker-hub': [6, 7, 6, 5, 6],
  ecr: [5, 6, 5, 4, 5],
  acr: [6, 7, 6, 5, 6],
  'artifact-registry': [6, 7, 6, 5, 6],
  quay: [6, 7, 6, 5, 6],
  harbor: [5, 6, 6, 5, 6],
  artifactory: [6, 7, 7, 6, 7],
  gitlab: [6, 8, 6, 5, 6],
  zot: [4, 5, 5, 4, 5],
  'distribution-2': [4, 6, 5, 4, 5],
  'distribution-3': [5, 7, 6, 5, 6],
}

const worlds: SigningWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function start(
  like: RegistryKind,
  faults?: (request: LoggedRequest) => Fault | undefined,
): Promise<SigningWorld> {
  const world = await createSigningWorld({ like, faults })
  worlds.push(world)
  return world
}

const kinds = Object.keys(counts) as readonly RegistryKind[]

test('each kind of registry has a profile with a source for its log-in and its referrers', () => {
  expect(Object.keys(registryProfiles).toSorted()).toEqual([...kinds].toSorted())
  for (const { sources } of Object.values(registryProfiles))
    for (const source of Object.values(sources)) expect(source).toMatch(/^https:\/\//)
})

describe.each(kinds)('a registry like %s', (like) => {
  const bundles = { type: 'SigstoreBundle' }

  test('is read with its password: what is signed is accepted, what is not is rejected', async () => {
    const world = await start(like)
    const key = world.key('release')
    const images = {
      cosign: world.image('registry.test/team/app:cosign').signedBy(key),
      bundle: world.image('registry.test/team/app:bundle').bundledBy(key),
      unsigned: world.image('registry.test/team/app:unsigned'),
    }
    const byDigest = { ...images.unsigned, reference: `registry.test/team/app@${images.unsigned.digest}` }
    const asked = [
      [images.cosign, {}, 'accepted'],
      [images.bundle, bundles, 'accepted'],
      [images.unsigned, {}, 'rejected'],
      [images.unsigned, bundles, 'rejected'],
      [byDigest, {}, 'rejected'],
    ] as const
    const sent: number[] = []
    for (const [image, more, outcome] of asked) {
      const before = world.registry.requests.length
      const verdict = await judge(world, image, entryOf(keyAttestor(key), more))
      expect([image.reference, more, verdict.outcome]).toEqual([image.reference, more, outcome])
      sent.push(world.registry.requests.length - before)
    }
    expect(sent).toEqual(counts[like])
  })

  test.each([
    ['an outage of manifests', /\/manifests\//],
    ['an outage of blobs', /\/blobs\//],
    ['a wrong password', undefined],
  ])('gives no verdict during %s', async (_, path) => {
    const world = await start(like, (request) => (path?.test(request.path) ? { status: 503 } : undefined))
    const image = world.image('registry.test/team/app:1').signedBy(world.key('release'))
    const { endpoint, logIn } = world.registry
    const password = path === undefined ? 'wrong' : (logIn?.password ?? '')
    const credentials = fixed('registry.test', { kind: 'basic', username: logIn?.username ?? '', password })
    const registry = createRegistryClient({
      hosts: { 'registry.test': { endpoint, credentials } },
      limits: { retryDelayMs: 1 },
    })
    const verdict = await judge(world, image, entryOf(keyAttestor(world.key('release'))), { registry })
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  })
})

/**
 * Writes the fallback tag as cosign 3 does: with the media type of the config in place of the artifact type.
 *
 * @see https://github.com/kyverno/kyverno/issues/16664
 */
function writeTagAsCosign({ registry }: SigningWorld, { digest }: TestImage): void {
  const listing = Buffer.from(registry.repository('team/app').referrers(digest).bytes).toString()
  const { manifests, ...index } = JSON.parse(listing) as { readonly manifests: readonly object[] }
  const untyped = manifests.map((descriptor) => ({
    ...descriptor,
    artifactType: 'application/vnd.oci.empty.v1+json',
    annotations: undefined,
  }))
  registry.putManifest('team/app', { ...index, manifests: untyped }, { tag: digest.replace(':', '-') })
}

test('a bundle that cosign 3 has written to a registry like ghcr is found, and named where a policy reads no bundles', async () => {
  const world = await start('ghcr')
  const release = world.key('release')
  const image = world.image('registry.test/team/app:1').bundledBy(release)
  writeTagAsCosign(world, image)
  const bundles = { type: 'SigstoreBundle' }
  const accepted = await judge(world, image, entryOf(keyAttestor(release), bundles))
  expect(accepted).toMatchObject({ outcome: 'accepted' })
  expect(accepted.rules[0]?.evidence).toMatchObject([{ listedAt: 'fallback-tag' }])
  const stranger = entryOf(keyAttestor(world.key('stranger')), bundles)
  expect(await judge(world, image, stranger)).toMatchObject({ outcome: 'rejected' })
  const cosign = await judge(world, image, entryOf(keyAttestor(release)))
  expect(cosign.rules[0]?.reasons[0]?.message).toContain('a Sigstore bundle is attached')
})
