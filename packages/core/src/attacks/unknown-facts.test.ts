import { describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

/** A fact that a review does not state never makes a rule not apply. Roles and users: unknown-roles.test.ts. */
const attacked = attackedWorld()
const UNSIGNED = 'registry.test/app:unsigned'
const pods = { resources: { kinds: ['Pod'] } }

type Options = Omit<ImageVerifierOptions, 'policies' | 'registry'>

interface Asked {
  readonly match?: object
  readonly request?: object
  readonly options?: Options
}

/** What a review of a Pod with an unsigned image comes to. */
async function judged({ match = pods, request = {}, options = {} }: Asked): Promise<string> {
  const { world } = attacked
  world.image(UNSIGNED)
  const policies = policyOf([signedBy([world.key('release')])], { rule: { match: { any: [match] } } })
  const verifier = createImageVerifier({ policies, registry: world.registryClient(), ...options })
  const { response, verdict } = await verifier.review({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: '1', operation: 'CREATE', userInfo: { username: 'jane' }, object: podOf(UNSIGNED), ...request },
  })
  return `${response.response.allowed ? 'admitted' : 'denied'} ${verdict?.outcome ?? 'unreadable'}`
}

test('labels of the namespace that cannot be read make the outcome inconclusive', async () => {
  const match = { resources: { kinds: ['Pod'], namespaceSelector: { matchLabels: { tier: 'prod' } } } }
  const reader = (labels: Readonly<Record<string, string>>): Options => ({
    kubernetes: { read: () => Promise.resolve({ kind: 'Namespace', metadata: { labels } }) },
  })
  const fails = { kubernetes: { read: () => Promise.reject(new Error('no answer')) } }
  expect(await judged({ match })).toBe('denied inconclusive')
  expect(await judged({ match, options: fails })).toBe('denied inconclusive')
  expect(await judged({ match, options: reader({ tier: 'prod' }) })).toBe('denied rejected')
  expect(await judged({ match, options: reader({ tier: 'test' }) })).toBe('admitted accepted')
})

describe('the kind of the object', () => {
  test.each<[string, object]>([
    ['is missing', { object: { ...podOf(UNSIGNED), kind: undefined } }],
    ['is empty', { object: { ...podOf(UNSIGNED), kind: '' } }],
    ['has no version', { object: { ...podOf(UNSIGNED), apiVersion: undefined } }],
    ['is another one than that of the request', { kind: { group: '', version: 'v1', kind: 'ConfigMap' } }],
    ['is another one than that of the old object', { operation: 'UPDATE', oldObject: configMap() }],
  ])('the kind of the object is not guessed if it %s', async (_, request) => {
    expect(await judged({ request })).toBe('denied unreadable')
  })

  test('control: object, request and old object of one kind are accepted', async () => {
    expect(await judged({ request: { kind: { group: '', version: 'v1', kind: 'Pod' } } })).toBe('denied rejected')
    expect(await judged({ match: { resources: { kinds: ['ConfigMap'] } } })).toBe('admitted accepted')
  })
})

function configMap(): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pod', namespace: 'default' } }
}

test('an update without its old object is verified like a new object', async () => {
  expect(await judged({ request: { operation: 'UPDATE' } })).toBe('denied rejected')
  expect(await judged({ request: { operation: 'UPDATE', oldObject: null } })).toBe('denied rejected')
})

test('a rule for Pods and their subresources matches a request for a subresource', async () => {
  const all = { resources: { kinds: ['Pod', 'Pod/ephemeralcontainers'] } }
  const ephemeral = { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: podOf() }
  expect(await judged({ match: all, request: ephemeral })).toBe('denied rejected')
  expect(await judged({ match: all, request: { ...ephemeral, subResource: '' } })).toBe('denied rejected')
})

test('the namespace of the request counts where the object states none', async () => {
  const match = { resources: { kinds: ['Pod'], namespaces: ['prod'] } }
  const object = { ...podOf(UNSIGNED), metadata: { name: 'pod' } }
  expect(await judged({ match, request: { object, namespace: 'prod' } })).toBe('denied rejected')
  expect(await judged({ match, request: { object, namespace: 'test' } })).toBe('admitted accepted')
})
