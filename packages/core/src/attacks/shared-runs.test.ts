import { createRegistryClient } from '@verify-images/registry-fetcher'
import { describe, expect, test } from 'vitest'
import { createArtifactCache } from '../artifact-cache.ts'
import { createImageVerifier, type ImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import type { RunResult } from '../engine/verify-all.ts'
import { fixedObjects, type KubernetesReader } from '../kubernetes.ts'
import { parseExceptions } from '@verify-images/policy-parser'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy, type PolicyParts } from '../testing/policies.ts'

/** What one evaluation was told, or may read, must not decide another one that shares its run or its cache. */
const attacked = attackedWorld()
const HOUR = 3_600_000
const PASSWORD = 'Basic ' + Buffer.from('team:right').toString('base64')

const inNamespace = (namespace: string, image = 'registry.test/app:1', more: object = {}): object => {
  const { spec, ...pod } = podOf(image)
  return { ...pod, metadata: { name: 'app', namespace }, spec: { ...spec, ...more } }
}

function verifierOf(
  parts: PolicyParts,
  options: Partial<ImageVerifierOptions> = {},
  entry: object = {},
): ImageVerifier {
  return createImageVerifier({
    registry: createRegistryClient({ hosts: { 'registry.test': { endpoint: attacked.world.registry.endpoint } } }),
    clock: attacked.world.clock,
    policies: policyOf([signedBy([attacked.world.key('release')], entry)], parts),
    ...options,
  })
}

const longLived = (): ReturnType<typeof createArtifactCache> =>
  createArtifactCache({ maxTagAgeMs: HOUR, maxListingAgeMs: HOUR })

type Judge = (verifier: ImageVerifier, objects: readonly object[]) => Promise<readonly string[]>

/** The outcomes of objects, in their order. */
const inOneRun: Judge = async (verifier, objects) => {
  const results: RunResult[] = []
  for await (const result of verifier.verifyAll(objects)) results.push(result)
  expect(results.map(({ index }) => index)).toEqual(objects.map((_, i) => i))
  for (const [i, result] of results.entries()) if (result.kind === 'object') expect(result.object).toBe(objects[i])
  return results.map((result) => (result.kind === 'object' ? result.verdict.outcome : result.kind))
}
const atTheSameTime: Judge = async (verifier, objects) =>
  Promise.all(objects.map(async (object) => (await verifier.verifyResource(object)).outcome))
const oneAfterTheOther: Judge = async (verifier, objects) => {
  const outcomes: string[] = []
  for (const object of objects) outcomes.push((await verifier.verifyResource(object)).outcome)
  return outcomes
}

describe.each<[string, Judge, () => Partial<ImageVerifierOptions>]>([
  ['in one run', inOneRun, () => ({})],
  ['at the same time, with a cache', atTheSameTime, () => ({ cache: longLived() })],
  ['one after the other, with a cache', oneAfterTheOther, () => ({ cache: longLived() })],
])('objects that are verified %s', (_, judge, shared) => {
  const pullSecret = (namespace: string, password: string): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name: 'pull', namespace },
    stringData: {
      '.dockerconfigjson': JSON.stringify({ auths: { 'registry.test': { username: 'team', password } } }),
    },
  })

  test('objects that share a run or a cache are read with the pull secret of their own namespace', async () => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('release'))
    attacked.fault = ({ headers }) =>
      headers.authorization === PASSWORD
        ? undefined
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' } }
    const named = { imagePullSecrets: [{ name: 'pull' }] }
    const objects = ['a', 'b', 'c', 'a'].map((namespace) => inNamespace(namespace, undefined, named))
    const kubernetes = fixedObjects([pullSecret('a', 'right'), pullSecret('b', 'wrong'), pullSecret('c', 'right')])
    const outcomes = await judge(verifierOf({}, { ...shared(), kubernetes }), objects)
    expect(outcomes).toEqual(['accepted', 'inconclusive', 'accepted', 'accepted'])
  })

  test('objects that share a run or a cache have the answers of their own calls to the cluster', async () => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('release'))
    const asked: string[] = []
    const kubernetes: KubernetesReader = {
      read: () => Promise.resolve(undefined),
      call: (call) => {
        const path = call.target === 'kubernetes' ? call.path : ''
        asked.push(path)
        if (path.endsWith('broken')) throw new Error('no answer')
        return Promise.resolve({ frozen: path.endsWith('prod') })
      },
    }
    const context = [{ name: 'ns', apiCall: { urlPath: '/api/v1/namespaces/{{ request.namespace }}' } }]
    const conditions = { any: [{ key: '{{ ns.frozen }}', operator: 'Equals', value: true }] }
    const entry = { validate: { message: 'frozen', deny: { conditions } } }
    const objects = ['dev', 'prod', 'broken', 'dev', 'prod'].map((namespace) => inNamespace(namespace))
    const outcomes = await judge(verifierOf({ rule: { context } }, { ...shared(), kubernetes }, entry), objects)
    expect(outcomes).toEqual(['accepted', 'rejected', 'inconclusive', 'accepted', 'rejected'])
    expect(new Set(asked).size).toBe(3)
  })

  test('an exception for one object of a run or a cache exempts no other', async () => {
    attacked.world.image('registry.test/app:1')
    const exceptions = parseExceptions(
      JSON.stringify({
        apiVersion: 'kyverno.io/v2',
        kind: 'PolicyException',
        metadata: { name: 'e', namespace: 'kyverno' },
        spec: {
          exceptions: [{ policyName: 'signed', ruleNames: ['check'] }],
          match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['exempt'] } }] },
        },
      }),
    )
    const objects = ['exempt', 'other', 'exempt', 'other'].map((namespace) => inNamespace(namespace))
    const outcomes = await judge(verifierOf({}, { ...shared(), exceptions }), objects)
    expect(outcomes.map((outcome) => outcome === 'rejected')).toEqual([false, true, false, true])
  })

  test('evaluations that share a run or a cache are evaluated for their own requester', async () => {
    attacked.world.image('registry.test/app:1')
    const subjects = [{ kind: 'User', name: 'alice' }]
    const verifier = verifierOf({ rule: { exclude: { any: [{ subjects }] } } }, shared())
    const as = (username: string): Promise<boolean> =>
      verifier.verifyResource(inNamespace('default'), { userInfo: { username } }).then(({ admitted }) => admitted)
    expect([await as('alice'), await as('mallory'), await as('alice')]).toEqual([true, false, true])
    const run = verifier.openRun()
    const inRun = async (username: string): Promise<boolean> =>
      (await run.verifyResource(inNamespace('default'), { userInfo: { username } })).admitted
    expect([await inRun('alice'), await inRun('mallory')]).toEqual([true, false])
  })
})

test('reviews with a cache are evaluated for their own operation, requester and dry run', async () => {
  attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('release'))
  const verifierFor = (key: string, value: unknown): ImageVerifier => {
    const conditions = { any: [{ key: `{{ ${key} }}`, operator: 'Equals', value }] }
    return verifierOf({}, { cache: longLived() }, { validate: { message: 'no', deny: { conditions } } })
  }
  const review = async (verifier: ImageVerifier, request: object): Promise<boolean> => {
    const object = inNamespace('default')
    const { response } = await verifier.review({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid: 'u', operation: 'CREATE', userInfo: { username: 'alice' }, object, ...request },
    })
    return response.response.allowed
  }
  const oldObject = inNamespace('default', 'registry.test/old:1')
  for (const [key, value, denied, allowed] of [
    ['request.operation', 'UPDATE', { operation: 'UPDATE', oldObject }, {}],
    ['request.userInfo.username', 'mallory', { userInfo: { username: 'mallory' } }, {}],
    ['request.dryRun || `false`', true, { dryRun: true }, { dryRun: false }],
  ] as const) {
    const verifier = verifierFor(key, value)
    const seen = [allowed, denied, allowed, denied].map((request) => async () => review(verifier, request))
    const answers: boolean[] = []
    for (const each of seen) answers.push(await each())
    expect([key, answers]).toEqual([key, [true, false, true, false]])
  }
})

test('a key that never comes ends the evaluations of a run at their own deadlines, and no others', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const ofKms = { keys: { kms: 'awskms:///alias/a', rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }
  const policies = [
    ...policyOf([signedBy([], { attestors: [{ entries: [ofKms] }] })], {
      rule: { match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['kms'] } }] } },
    }),
    ...policyOf([signedBy([world.key('release')])], { name: 'other' }),
  ]
  const keys = { resolveKey: () => new Promise<never>(() => undefined) }
  const verifier = verifierOf({}, { policies, keys, deadlineMs: 300 })
  const objects = ['kms', 'other', 'kms', 'other'].map((namespace) => inNamespace(namespace))
  expect(await inOneRun(verifier, objects)).toEqual(['inconclusive', 'accepted', 'inconclusive', 'accepted'])
})

describe('reviews that wait for a request of another one', () => {
  const delayed = (ms: number): void => {
    attacked.fault = () => ({ delayMs: ms })
  }

  test.each<[string, (signal: AbortSignal) => object, boolean]>([
    ['is aborted', (signal) => ({ signal }), true],
    ['meets its deadline', () => ({ deadlineMs: 100 }), false],
  ])('reviews that wait for a request of one that %s go on, and ask nothing twice', async (_, request, aborts) => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('release'))
    delayed(300)
    const verifier = verifierOf({}, { cache: longLived() })
    const caller = new AbortController()
    const first = verifier.verifyResource(podOf('registry.test/app:1'), request(caller.signal))
    const others = Array.from({ length: 5 }, () => verifier.verifyResource(podOf('registry.test/app:1')))
    setTimeout(() => caller.abort(new Error('gone')), 100)
    if (aborts) await expect(first).rejects.toThrow('gone')
    else expect(await first).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    expect((await Promise.all(others)).map(({ admitted }) => admitted)).toEqual(others.map(() => true))
    expect(attacked.world.registry.requests).toHaveLength(3)
  })

  test('reviews that wait for a request of another one spend no budget for it, but for all that they ask themselves', async () => {
    const { world } = attacked
    for (const name of ['app', 'other']) world.image(`registry.test/${name}:1`).signedBy(world.key('release'))
    delayed(50)
    const cache = longLived()
    const verifier = verifierOf({}, { cache, limits: { requests: 3 } })
    const [own, shares] = await Promise.all([
      verifier.verifyResource(podOf('registry.test/app:1')),
      verifier.verifyResource(podOf('registry.test/app:1', 'registry.test/other:1')),
    ])
    expect([own.admitted, own.requests.total]).toEqual([true, 3])
    expect([shares.admitted, shares.requests.total]).toEqual([true, 3])
    // The control: alone it would need six.
    cache.clear()
    const alone = await verifier.verifyResource(podOf('registry.test/app:1', 'registry.test/other:1'))
    expect(alone).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  })

  test('a run that is aborted half-way asks nothing more, and fills no cache with failures', async () => {
    const { world } = attacked
    const references = Array.from(
      { length: 6 },
      (_, i) => world.image(`registry.test/app-${String(i)}:1`).signedBy(world.key('release')).reference,
    )
    const caller = new AbortController()
    attacked.fault = ({ path }) => (path.includes('app-3/') ? { hang: true } : undefined)
    const verifier = verifierOf({}, { cache: longLived() })
    const seen: number[] = []
    const run = async (): Promise<void> => {
      for await (const { index } of verifier.verifyAll(
        references.map((each) => podOf(each)),
        {
          concurrency: 2,
          signal: caller.signal,
        },
      )) {
        seen.push(index)
        if (index === 2) setTimeout(() => caller.abort(new Error('enough')), 50)
      }
    }
    await expect(run()).rejects.toThrow('enough')
    expect(seen).toEqual([0, 1, 2])
    const later = (): Promise<void> => new Promise((wait) => setTimeout(wait, 200))
    // A request that was on its way arrives.
    await later()
    const asked = world.registry.requests.length
    await later()
    expect(world.registry.requests).toHaveLength(asked)
    attacked.fault = undefined
    for (const reference of references)
      expect(await verifier.verifyResource(podOf(reference))).toMatchObject({ admitted: true })
  })
})
