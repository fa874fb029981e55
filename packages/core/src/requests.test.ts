import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createArtifactCache } from './artifact-cache.ts'
import { createImageVerifier } from './create-image-verifier.ts'
import { keyAttestor, podOf, policyOf, signedBy } from './testing/policies.ts'

let world: SigningWorld
beforeEach(async () => {
  world = await createSigningWorld()
})
afterEach(() => world.close())

const asked = (): string[] =>
  world.registry.requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{64}/, '<hex>')}`)

test.each([1, 2, 5])('a tag with one key signature costs three requests, for %i keys in the policy', async (count) => {
  const release = world.key('release')
  world.image('registry.test/app:1').signedBy(release)
  const others = Array.from({ length: count - 1 }, (_, i) => world.key(`other-${String(i)}`))
  const verifier = createImageVerifier({
    policies: policyOf([
      signedBy([...others, release], {
        attestors: [
          {
            count: 1,
            entries: [...others, release]
              .map((key) => signedBy([key]))
              .map((entry) => (entry as { attestors: [{ entries: [object] }] }).attestors[0].entries[0]),
          },
        ],
      }),
    ]),
    registry: world.registryClient(),
  })
  const verdict = await verifier.verifyResource(podOf('registry.test/app:1'))
  expect(verdict.admitted).toBe(true)
  expect(asked()).toEqual([
    'GET /v2/app/manifests/1',
    'GET /v2/app/manifests/sha256-<hex>.sig',
    'GET /v2/app/blobs/sha256:<hex>',
  ])
  expect(verdict.requests).toEqual({ total: 3, byHost: { 'registry.test': 3 } })
})

test('an image with a digest costs two requests, and the tag beside it is never fetched', async () => {
  const release = world.key('release')
  const { digest } = world.image('registry.test/app:1').signedBy(release)
  const verifier = createImageVerifier({ policies: policyOf([signedBy([release])]), registry: world.registryClient() })
  for (const reference of [`registry.test/app@${digest}`, `registry.test/app:gone@${digest}`]) {
    const before = world.registry.requests.length
    expect((await verifier.verifyResource(podOf(reference))).admitted).toBe(true)
    expect(asked().slice(before)).toEqual(['GET /v2/app/manifests/sha256-<hex>.sig', 'GET /v2/app/blobs/sha256:<hex>'])
  }
})

test('the same image in several containers, rules and policies is fetched once', async () => {
  const release = world.key('release')
  world.image('registry.test/app:1').signedBy(release)
  const policies = [...policyOf([signedBy([release])]), ...policyOf([signedBy([release])], { name: 'again' })]
  const verifier = createImageVerifier({ policies, registry: world.registryClient() })
  expect((await verifier.verifyResource(podOf('registry.test/app:1', 'registry.test/app:1'))).admitted).toBe(true)
  expect(asked()).toHaveLength(3)
})

test('fifteen keys and three signatures cost one request for each payload', async () => {
  const keys = Array.from({ length: 15 }, (_, i) => world.key(`key-${String(i)}`))
  const image = world.image('registry.test/app:1')
  for (const [i, key] of keys.slice(12).entries()) image.signedBy(key, { build: String(i) })
  const any = signedBy([], { attestors: [{ count: 3, entries: keys.map((key) => keyAttestor(key)) }] })
  const verifier = createImageVerifier({ policies: policyOf([any]), registry: world.registryClient() })
  const verdict = await verifier.verifyResource(podOf('registry.test/app:1'))
  expect([verdict.admitted, verdict.requests.total]).toEqual([true, 5])
})

test.each([
  ['tag', ':1'],
  ['digest', '@'],
])('a bundle of an image by %s costs four requests, one of them for the image', async (_, suffix) => {
  const release = world.key('release')
  const { digest } = world.image('registry.test/app:1').bundledBy(release)
  const bundled = signedBy([release], { type: 'SigstoreBundle' })
  const verifier = createImageVerifier({ policies: policyOf([bundled]), registry: world.registryClient() })
  const reference = `registry.test/app${suffix === '@' ? `@${digest}` : suffix}`
  expect((await verifier.verifyResource(podOf(reference))).admitted).toBe(true)
  expect(asked()).toEqual([
    expect.stringMatching(/^GET \/v2\/app\/manifests\/(?:1|sha256:<hex>)$/),
    'GET /v2/app/referrers/sha256:<hex>',
    'GET /v2/app/manifests/sha256:<hex>',
    'GET /v2/app/blobs/sha256:<hex>',
  ])
})

test('500 reviews of one digest at the same time fetch each thing once, with a cache', async () => {
  const release = world.key('release')
  const { digest } = world.image('registry.test/app:1').signedBy(release)
  const verifier = createImageVerifier({
    policies: policyOf([signedBy([release])]),
    registry: world.registryClient(),
    cache: createArtifactCache({ maxTagAgeMs: 60_000, maxListingAgeMs: 60_000 }),
  })
  const pod = podOf(`registry.test/app@${digest}`)
  const verdicts = await Promise.all(Array.from({ length: 500 }, () => verifier.verifyResource(pod)))
  expect(new Set(verdicts.map(({ admitted }) => admitted))).toEqual(new Set([true]))
  expect(asked()).toEqual(['GET /v2/app/manifests/sha256-<hex>.sig', 'GET /v2/app/blobs/sha256:<hex>'])
}, 60_000)

test('an image that no policy matches costs no request', async () => {
  const verifier = createImageVerifier({
    policies: policyOf([signedBy([world.key('release')])]),
    registry: world.registryClient(),
  })
  expect(await verifier.verifyResource(podOf('elsewhere.test/app:1'))).toMatchObject({
    admitted: true,
    unmatched: true,
    requests: { total: 0 },
  })
})

test('a policy with keys only sends requests to the registry alone', async () => {
  const release = world.key('release')
  const { reference } = world.image('registry.test/app:1').signedBy(release)
  const real = globalThis.fetch
  globalThis.fetch = () => {
    throw new Error('the network was used')
  }
  try {
    const verifier = createImageVerifier({
      policies: policyOf([signedBy([release])]),
      registry: world.registryClient(),
    })
    expect((await verifier.verifyImage(reference)).admitted).toBe(true)
    expect(new Set((await verifier.verifyImage(reference)).rules.map(({ status }) => status))).toEqual(
      new Set(['pass']),
    )
  } finally {
    globalThis.fetch = real
  }
})
