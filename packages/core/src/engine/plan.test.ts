import fc from 'fast-check'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { fixedObjects } from '../kubernetes.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'

let world: SigningWorld
beforeEach(async () => {
  world = await createSigningWorld()
})
afterEach(() => world.close())

function verifierOf(
  policies: ImageVerifierOptions['policies'],
  options: Partial<ImageVerifierOptions> = {},
): ImageVerifier {
  return createImageVerifier({ registry: world.registryClient(), clock: world.clock, ...options, policies })
}

test('a plan names hosts and repositories without a request', async () => {
  world.image('registry.test/app:1')
  const elsewhere = { ...keyAttestor(world.key('release')), repository: 'signatures.test/store' }
  const verifier = verifierOf(policyOf([signedBy([], { attestors: [{ entries: [elsewhere] }] })]))
  const plan = await verifier.plan(podOf('registry.test/app:1', 'elsewhere.test/other:1'), { attachments: 1 })
  expect(plan.hosts).toEqual(['registry.test', 'signatures.test'])
  expect(plan.repositories.map(({ repository }) => repository)).toEqual(['registry.test/app', 'signatures.test/store'])
  expect(plan.unknown).toEqual([])
  expect(world.registry.requests).toEqual([])
})

test('a plan for an object that no rule matches has no request', async () => {
  const verifier = verifierOf(policyOf([signedBy([world.key('release')])], { kinds: ['CronJob'] }))
  expect(await verifier.plan(podOf('registry.test/app:1'))).toEqual({
    hosts: [],
    repositories: [],
    requests: 0,
    unknown: [],
  })
})

test('a plan lists what only an evaluation can name', async () => {
  const context = [{ name: 'data', imageRegistry: { reference: '{{ request.object.metadata.name }}' } }]
  const verifier = verifierOf(policyOf([signedBy([world.key('release')])], { rule: { context } }))
  expect((await verifier.plan(podOf('registry.test/app:1'))).unknown).toEqual([
    { policy: 'signed', rule: 'check', what: 'the image of the context entry `data`' },
  ])
})

test('a plan has a log-in for each credential, also where little else is read', async () => {
  const answer = (body: string): object => ({ status: 200, body, headers: { 'content-type': 'application/json' } })
  const asking = await createSigningWorld({
    faults: ({ path, headers }) => {
      if (path.startsWith('/token')) return answer('{"token":"t"}')
      const challenge = `Bearer realm="http://${headers.host ?? ''}/token",service="s"`
      return headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': challenge } }
        : undefined
    },
  })
  asking.image('registry.test/app:1')
  const names = Array.from({ length: 8 }, (_, i) => `pull-${String(i)}`)
  const kubernetes = fixedObjects(
    names.map((name) => ({
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name, namespace: 'kyverno' },
      stringData: {
        '.dockerconfigjson': JSON.stringify({ auths: { 'registry.test': { username: name, password: 'p' } } }),
      },
    })),
  )
  const entries = names.map((name) => ({
    imageReferences: ['registry.test/*'],
    imageRegistryCredentials: { secrets: [name] },
  }))
  const verifier = verifierOf(policyOf(entries), { registry: asking.registryClient(), kubernetes })
  const plan = await verifier.plan(podOf('registry.test/app:1'))
  const { requests } = await verifier.verifyResource(podOf('registry.test/app:1'))
  // For each: a challenge, a token, and the manifest.
  expect(requests.total).toBe(3 * names.length)
  expect(requests.total).toBeLessThanOrEqual(plan.requests)
  await asking.close()
})

test('a plan never has fewer requests than an evaluation makes', async () => {
  const anEntry = fc.record({
    type: fc.constantFrom('Cosign', 'SigstoreBundle'),
    keys: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
    attested: fc.boolean(),
    mutateDigest: fc.boolean(),
  })
  const anImage = fc.record({
    name: fc.constantFrom('app', 'other', 'third'),
    byDigest: fc.boolean(),
    signatures: fc.array(fc.constantFrom('a', 'b', 'x'), { maxLength: 2 }),
    bundles: fc.array(fc.constantFrom('a', 'b', 'x'), { maxLength: 2 }),
    attestations: fc.array(fc.constantFrom('a', 'x'), { maxLength: 2 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(anEntry, { minLength: 1, maxLength: 3 }),
      fc.array(anImage, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('index' as const, 'any-child' as const),
      async (entries, images, platforms) => {
        const references = images.map(({ name, byDigest, signatures, bundles, attestations }, i) => {
          const image = world.image(`registry.test/${name}-${String(i)}:1`).unsigned()
          for (const [j, key] of signatures.entries()) image.signedBy(world.key(key), { n: String(j) })
          for (const key of bundles) image.bundledBy(world.key(key))
          for (const key of attestations) image.attestedBy(world.key(key), 'https://example.com/scan', { clean: true })
          return byDigest ? `registry.test/${name}-${String(i)}@${image.digest}` : image.reference
        })
        const written = entries.map(({ type, keys, attested, mutateDigest }) => {
          const attestors = [{ entries: keys.map((key) => keyAttestor(world.key(key))) }]
          return signedBy([], {
            type,
            attestors,
            mutateDigest,
            ...(attested && { attestations: [{ type: 'https://example.com/scan', attestors }] }),
          })
        })
        const verifier = verifierOf(policyOf(written), { platforms })
        const plan = await verifier.plan(podOf(...references), { attachments: 6, children: 1 })
        const { requests } = await verifier.verifyResource(podOf(...references))
        expect(requests.total).toBeLessThanOrEqual(plan.requests)
        expect(plan.hosts).toEqual(expect.arrayContaining(Object.keys(requests.byHost)))
      },
    ),
    { numRuns: 25 },
  )
}, 60_000)

test.each([{ attachments: 0 }, { atachments: 1 }, { request: { operation: 'PATCH' } }])(
  'plan refuses the options %j',
  async (options: object) => {
    await expect(verifierOf(policyOf([signedBy([world.key('a')])])).plan(podOf('a'), options)).rejects.toMatchObject({
      code: expect.stringMatching(/^VERIFIER_/),
    })
  },
)
