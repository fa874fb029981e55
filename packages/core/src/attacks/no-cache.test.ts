import { describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { fixedObjects, type KubernetesReader } from '../kubernetes.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'

/**
 * One verifier, many evaluations: each looks at everything anew. There is no cache of verdicts, so `useCache` has
 * nothing to take from one, and whatever a policy, an object or a cluster changes is seen by the next evaluation.
 */
const attacked = attackedWorld()
const pod = podOf('registry.test/app:1')

function verifierOf(
  policies: ImageVerifierOptions['policies'],
  options: Omit<ImageVerifierOptions, 'policies'> = {},
): ImageVerifier {
  return createImageVerifier({
    registry: attacked.world.registryClient(),
    clock: attacked.world.clock,
    ...options,
    policies,
  })
}

function changing(): KubernetesReader & { objects: KubernetesReader } {
  const reader = {
    objects: fixedObjects([]),
    read: ((...request) => reader.objects.read(...request)) as KubernetesReader['read'],
  }
  return reader
}
const configMap = (data: object): KubernetesReader =>
  fixedObjects([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', namespace: 'default' },
      data: { ...data } as Record<string, string>,
    },
  ])

test.each([true, false])(
  'a ConfigMap that `deny` reads is read again in each evaluation (useCache: %s)',
  async (useCache) => {
    const { world } = attacked
    world.image('registry.test/app:1').signedBy(world.key('release'))
    const kubernetes = changing()
    const deny = {
      validate: {
        message: 'frozen',
        deny: { conditions: { any: [{ key: '{{ c.data.frozen }}', operator: 'Equals', value: 'yes' }] } },
      },
    }
    const verifier = verifierOf(
      policyOf([signedBy([world.key('release')], { useCache, ...deny })], {
        rule: { context: [{ name: 'c', configMap: { name: 'c', namespace: 'default' } }] },
      }),
      { kubernetes },
    )
    kubernetes.objects = configMap({ frozen: 'no' })
    expect((await verifier.verifyResource(pod)).admitted).toBe(true)
    kubernetes.objects = configMap({ frozen: 'yes' })
    expect(await verifier.verifyResource(pod)).toMatchObject({ admitted: false, outcome: 'rejected' })
  },
)

test('namespace, labels and requester of one evaluation do not reach the next', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const deny = (key: string): object => ({
    validate: { message: 'no', deny: { conditions: { any: [{ key, operator: 'Equals', value: 'evil' }] } } },
  })
  const verifier = verifierOf([
    ...policyOf([signedBy([world.key('release')], deny('{{ request.namespace }}'))], { name: 'by-namespace' }),
    ...policyOf([signedBy([world.key('release')], deny("{{ request.userInfo.username || '' }}"))], { name: 'by-user' }),
    ...policyOf([signedBy([world.key('release')], deny("{{ request.object.metadata.labels.tier || '' }}"))], {
      name: 'by-label',
    }),
  ])
  expect((await verifier.verifyResource(pod, { userInfo: { username: 'good' } })).admitted).toBe(true)
  expect(
    (
      await verifier.verifyResource(
        { ...pod, metadata: { name: 'app', namespace: 'evil' } },
        { userInfo: { username: 'good' } },
      )
    ).admitted,
  ).toBe(false)
  expect((await verifier.verifyResource(pod, { userInfo: { username: 'evil' } })).admitted).toBe(false)
  expect(
    (
      await verifier.verifyResource(
        { ...pod, metadata: { ...pod.metadata, labels: { tier: 'evil' } } },
        { userInfo: { username: 'good' } },
      )
    ).admitted,
  ).toBe(false)
})

test('a key in a Secret is read again in each evaluation', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const kubernetes = changing()
  const secret = (publicKey: string): KubernetesReader =>
    fixedObjects([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'k', namespace: 'kyverno' },
        stringData: { 'cosign.pub': publicKey },
      },
    ])
  const verifier = verifierOf(policyOf([signedBy([{ publicKey: 'k8s://kyverno/k' }])]), { kubernetes })
  kubernetes.objects = secret(world.key('release').publicKey)
  expect((await verifier.verifyResource(pod)).admitted).toBe(true)
  kubernetes.objects = secret(world.key('other').publicKey)
  expect((await verifier.verifyResource(pod)).admitted).toBe(false)
})

test('pull secrets are read again in each evaluation', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const kubernetes = changing()
  const header = (password: string): string => `Basic ${Buffer.from(`u:${password}`).toString('base64')}`
  attacked.fault = ({ headers }) =>
    headers['authorization'] === header('right')
      ? undefined
      : { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' }, body: '' }
  const secret = (password: string): KubernetesReader =>
    fixedObjects([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/dockerconfigjson',
        metadata: { name: 'pull', namespace: 'kyverno' },
        stringData: {
          '.dockerconfigjson': JSON.stringify({ auths: { 'registry.test': { username: 'u', password } } }),
        },
      },
    ])
  const verifier = verifierOf(
    policyOf([signedBy([world.key('release')], { imageRegistryCredentials: { secrets: ['pull'] } })]),
    { kubernetes },
  )
  kubernetes.objects = secret('right')
  expect((await verifier.verifyResource(pod)).admitted).toBe(true)
  kubernetes.objects = secret('wrong')
  expect(await verifier.verifyResource(pod)).toMatchObject({ admitted: false, outcome: 'inconclusive' })
})

test('signatures, and what their tag points to, are fetched again in each evaluation', async () => {
  const { world } = attacked
  const image = world.image('registry.test/app:1').signedBy(world.key('release'))
  const verifier = verifierOf(policyOf([signedBy([world.key('release')])]))
  expect((await verifier.verifyResource(pod)).admitted).toBe(true)
  image.unsigned()
  expect((await verifier.verifyResource(pod)).admitted).toBe(false)
})

test('rules and policies whose names contain separators are distinguished', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('one'))
  const rule = (name: string): object => ({ name })
  const policies = [
    ...policyOf([signedBy([world.key('one')])], { name: 'a', rule: rule('b;c') }),
    ...policyOf([signedBy([world.key('two')])], { name: 'a.b', rule: rule('c') }),
    ...policyOf([signedBy([world.key('two')])], { name: 'a', rule: rule('b') }),
  ]
  const verdict = await verifierOf(policies).verifyResource(pod)
  expect(verdict.admitted).toBe(false)
  expect(verdict.rules.map(({ policy, rule: name, status }) => `${policy}|${name}|${status}`)).toEqual([
    'a|b;c|pass',
    'a.b|c|fail',
    'a|b|fail',
  ])
})

describe('within one evaluation', () => {
  const SCAN = 'https://example.com/scan'
  const conditions = [{ all: [{ key: '{{ clean }}', operator: 'Equals', value: true }] }]

  test('conditions read the statement that was verified, although the registry changes it meanwhile', async () => {
    const { world } = attacked
    const release = world.key('release')
    world.image('registry.test/app:1').signedBy(release).attestedBy(release, SCAN, { clean: false })
    const evil = Buffer.from(
      JSON.stringify({
        payloadType: 'application/vnd.in-toto+json',
        payload: Buffer.from(JSON.stringify({ predicate: { clean: true } })).toString('base64'),
        signatures: [],
      }),
    )
    const read = new Map<string, number>()
    attacked.fault = ({ path }) => {
      const times = (read.get(path) ?? 0) + 1
      read.set(path, times)
      return times > 1 ? { body: evil } : undefined
    }
    const attestations = [{ type: SCAN, attestors: [{ entries: [keyAttestor(release)] }], conditions }]
    const policies = [
      ...policyOf([signedBy([release], { attestations })], { name: 'first' }),
      ...policyOf([signedBy([release], { attestations })], { name: 'second' }),
    ]
    expect((await verifierOf(policies).verifyResource(pod)).admitted).toBe(false)
    expect(Math.max(...read.values())).toBe(1)
    world.image('registry.test/app:1').unsigned().signedBy(release).attestedBy(release, SCAN, { clean: true })
    read.clear()
    expect((await verifierOf(policies).verifyResource(pod)).admitted).toBe(true)
  })

  test('conditions never read a statement that was not verified', async () => {
    const { world } = attacked
    const release = world.key('release')
    world.image('registry.test/app:1').signedBy(release).attestedBy(world.key('other'), SCAN, { clean: true })
    const attestations = [{ type: SCAN, attestors: [{ entries: [keyAttestor(release)] }], conditions }]
    expect((await verifierOf(policyOf([signedBy([release], { attestations })])).verifyResource(pod)).admitted).toBe(
      false,
    )
  })
})

describe('deny', () => {
  test('deny of each entry is evaluated for the images of that entry', async () => {
    const { world } = attacked
    const release = world.key('release')
    world.image('registry.test/one:1').signedBy(release)
    world.image('registry.test/two:1').signedBy(release)
    const entry = (repository: string, label: string): object =>
      signedBy([release], {
        imageReferences: [`registry.test/${repository}*`],
        validate: {
          message: `denied ${repository}`,
          deny: {
            conditions: {
              any: [{ key: `{{ request.object.metadata.labels.${label} || '' }}`, operator: 'Equals', value: 'yes' }],
            },
          },
        },
      })
    const verifier = verifierOf(policyOf([entry('one', 'first'), entry('two', 'second')]))
    const both = (labels: object): object => ({
      ...podOf('registry.test/one:1', 'registry.test/two:1'),
      metadata: { name: 'app', namespace: 'default', labels },
    })
    expect((await verifier.verifyResource(both({}))).admitted).toBe(true)
    for (const [label, name] of [
      ['first', 'one'],
      ['second', 'two'],
    ] as const) {
      const verdict = await verifier.verifyResource(both({ [label]: 'yes' }))
      expect(verdict.admitted).toBe(false)
      expect(
        verdict.rules
          .filter(({ message }) => message.includes('denied'))
          .map(({ image, message }) => `${String(image)} ${message}`),
      ).toEqual([`registry.test/${name}:1 validation in verifyImages failed: denied ${name}`])
    }
  })
})
