import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import type { ReviewResult } from '../request/review.ts'
import { policyOf, signedBy, type PolicyParts } from '../testing/policies.ts'

const PODS_AND_JOBS = ['Pod', 'Job', 'Deployment']
const UNSIGNED = 'registry.test/tool:1'
const SIGNED = 'registry.test/app:1'
let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
  world.image(SIGNED).signedBy(world.key('release'))
  world.image(UNSIGNED)
})
afterAll(() => world.close())

interface Case extends Partial<ImageVerifierOptions> {
  readonly parts?: PolicyParts
  readonly entry?: object
  readonly request?: object
}

async function review(
  oldObject: object,
  object: object,
  { parts = {}, entry = {}, request = {}, ...options }: Case = {},
): Promise<ReviewResult> {
  const policies = policyOf([signedBy([world.key('release')], entry)], { kinds: PODS_AND_JOBS, ...parts })
  const verifier = createImageVerifier({ policies, registry: world.registryClient(), ...options })
  return verifier.review({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u1', operation: 'UPDATE', userInfo: { username: 'alice' }, object, oldObject, ...request },
  })
}

const DELETING = { deletionTimestamp: '2026-11-30T12:00:00Z', finalizers: ['example.com/wait'] }
const pod = (image: string, metadata: object = {}, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app', namespace: 'default', ...metadata },
  spec: { containers: [{ name: 'app', image }], ...spec },
})
const job = (image: string, metadata: object = {}, spec: object = {}): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'app', namespace: 'default', ...metadata },
  spec: { template: { spec: { containers: [{ name: 'app', image }] } }, ...spec },
})
const deployment = (image: string, metadata: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'default', ...metadata },
  spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
})
const bySelector: PolicyParts = {
  rule: { match: { any: [{ resources: { kinds: PODS_AND_JOBS, selector: { matchLabels: { app: '*' } } } }] } },
}
const byPrecondition = (key: string): PolicyParts => ({
  rule: { preconditions: { all: [{ key: `{{ ${key} }}`, operator: 'NotEquals', value: 'x' }] } },
})

describe('an object that is being deleted', () => {
  test.each([
    ['an unsigned Pod', pod(UNSIGNED, DELETING), pod(UNSIGNED, { ...DELETING, finalizers: [] })],
    ['an unsigned Deployment', deployment(UNSIGNED, DELETING), deployment(UNSIGNED, { ...DELETING, finalizers: [] })],
  ])('%s that is being deleted loses its finalizer without a request to the registry', async (_, before, after) => {
    const { response, verdict } = await review(before, after)
    expect(response.response).toEqual({
      uid: 'u1',
      allowed: true,
      auditAnnotations: { outcome: 'accepted', unjudged: 'being-deleted' },
    })
    expect(verdict).toMatchObject({ unjudged: 'being-deleted', unmatched: true, requests: { total: 0 }, rules: [] })
  })

  test('an update is evaluated if only the new object is marked as being deleted', async () => {
    expect((await review(pod(UNSIGNED), pod(UNSIGNED, DELETING))).response.response.allowed).toBe(false)
  })

  test('an update under deletion is evaluated if the specification changes', async () => {
    const before = pod(UNSIGNED, DELETING)
    for (const after of [pod('registry.test/tool:2', DELETING), pod(UNSIGNED, DELETING, { hostNetwork: true })])
      expect((await review(before, after)).response.response.allowed).toBe(false)
  })

  test('an update under deletion is evaluated if a label changes that a rule selects by', async () => {
    const before = pod(UNSIGNED, DELETING)
    const after = pod(UNSIGNED, { ...DELETING, labels: { app: 'x' } })
    expect((await review(before, after, { parts: bySelector })).response.response.allowed).toBe(false)
    // The control: no rule selects by labels.
    expect((await review(before, after)).response.response.allowed).toBe(true)
  })

  test('an update under deletion is evaluated if an annotation changes that a rule selects by', async () => {
    const annotated = { kinds: PODS_AND_JOBS, annotations: { team: '*' } }
    const parts = { rule: { match: { any: [{ resources: annotated }] } } }
    const after = pod(UNSIGNED, { ...DELETING, annotations: { team: 'x' } })
    expect((await review(pod(UNSIGNED, DELETING), after, { parts })).response.response.allowed).toBe(false)
    expect((await review(pod(UNSIGNED, DELETING), after)).response.response.allowed).toBe(true)
  })

  test.each<[string, boolean]>([
    ["request.object.metadata.annotations.team || 'none'", true],
    ["request.object.metadata.finalizers[0] || 'none'", false],
    ['to_string(request.object)', false],
    ['keys(request.object.metadata)[0]', false],
    ['to_string(request)', false],
    ['to_string(@)', false],
    ['to_string(*)', false],
    ['* | length(@)', false],
    ["request.userInfo.username == 'a@b.example' && request.object.spec.containers[*].image | 'x'", true],
    ['request."\\u006fbject" | to_string(@)', false],
  ])('an update of a finalizer that the precondition %s can read is evaluated: allowed is %j', async (key, allowed) => {
    const parts = byPrecondition(key)
    const after = pod(UNSIGNED, { ...DELETING, finalizers: [] })
    expect((await review(pod(UNSIGNED, DELETING), after, { parts })).response.response.allowed).toBe(allowed)
  })

  test('an update is evaluated if the old object does not come from the API server', async () => {
    const policies = policyOf([signedBy([world.key('release')])])
    const verifier = createImageVerifier({ policies, registry: world.registryClient() })
    const oldObject = pod(UNSIGNED, DELETING)
    expect(await verifier.verifyResource(oldObject, { operation: 'UPDATE', oldObject })).toMatchObject({
      admitted: false,
    })
  })

  test('a CREATE or DELETE of an object that is being deleted is evaluated', async () => {
    const object = pod(UNSIGNED, DELETING)
    expect((await review(object, object, { request: { operation: 'CREATE' } })).response.response.allowed).toBe(false)
    expect((await review(object, object, { request: { operation: 'DELETE' } })).verdict).not.toHaveProperty('unjudged')
  })
})

describe('a Job, whose template is immutable', () => {
  test.each([
    ['a label', { labels: { app: 'x' } }, {}],
    ['its suspension', {}, { suspend: true }],
    ['its suspension and how many Pods it will run', {}, { suspend: true, parallelism: 5 }],
    ['a finalizer', { finalizers: ['example.com/wait'] }, {}],
  ])('an unsigned Job can change %s', async (_, metadata, spec) => {
    const { response, verdict } = await review(job(UNSIGNED), job(UNSIGNED, metadata, spec))
    expect([response.response.allowed, verdict?.unjudged]).toEqual([true, 'immutable'])
  })

  test.each<[string, object, object]>([
    ['is resumed', { suspend: true }, { suspend: false }],
    ['is resumed by leaving the member out', { suspend: true }, {}],
    ['is to run more Pods at once', { parallelism: 1 }, { parallelism: 5 }],
    ['is to run more Pods', { completions: 1 }, { completions: 5 }],
    ['may retry more often', { backoffLimit: 0 }, { backoffLimit: 100 }],
    ['is suspended with another template', {}, { suspend: true, template: { spec: { containers: [] } } }],
  ])('a Job from before the policy that %s is evaluated, because it starts Pods', async (what, before, after) => {
    const { response, verdict } = await review(job(UNSIGNED, {}, before), job(UNSIGNED, {}, after))
    expect(verdict).not.toHaveProperty('unjudged')
    // Nothing runs where the template has no container.
    expect(response.response.allowed).toBe(what.includes('another template'))
    // The control: a signed one is admitted, and not pinned.
    const signed = await review(job(SIGNED, {}, before), job(SIGNED, {}, after))
    expect(signed.response.response.allowed).toBe(true)
    expect(signed.verdict?.patches.filter(({ path }) => path.endsWith('/image'))).toEqual([])
  })

  test('a Job that is resumed is evaluated with `skipUnchangedImages`', async () => {
    const skipUnchangedImages = true
    const [before, after] = [job(UNSIGNED, {}, { suspend: true }), job(UNSIGNED, {}, { suspend: false })]
    expect((await review(before, after, { skipUnchangedImages })).response.response.allowed).toBe(false)
    expect((await review(after, before, { skipUnchangedImages })).response.response.allowed).toBe(true)
  })

  test('a Job that comes into the scope of a rule is evaluated, and a signed one is not pinned', async () => {
    const labelled = { labels: { app: 'x' } }
    const parts = bySelector
    const unsigned = await review(job(UNSIGNED), job(UNSIGNED, labelled), { parts })
    expect(unsigned.response.response.allowed).toBe(false)
    const { response, verdict } = await review(job(SIGNED), job(SIGNED, labelled), { parts })
    expect(response.response.allowed).toBe(true)
    expect(verdict?.images).toMatchObject([{ reference: SIGNED, verified: true }])
    expect(verdict?.patches.filter(({ path }) => path.endsWith('/image'))).toEqual([])
  })

  test('a changed image of a Job is pinned, and a policy that does not pin still requires a digest', async () => {
    const changed = await review(job(UNSIGNED), job(SIGNED), { parts: bySelector })
    expect(changed.verdict).toMatchObject({ unmatched: true })
    const labelled = { labels: { app: 'x' } }
    const pinned = await review(job(UNSIGNED, labelled), job(SIGNED, labelled), { parts: bySelector })
    expect(pinned.verdict?.patches.map(({ path }) => path)).toContain('/spec/template/spec/containers/0/image')
    const entry = { mutateDigest: false }
    const denied = await review(job(SIGNED), job(SIGNED, labelled), { parts: bySelector, entry })
    expect(denied.response.response).toMatchObject({ allowed: false, status: { code: 403 } })
  })
})

describe('a rule that reads the requester', () => {
  const ofMallory = { kinds: PODS_AND_JOBS }
  const mallory = [{ kind: 'User', name: 'mallory' }]
  const asMallory = { userInfo: { username: 'mallory' } }
  const labelled = job(UNSIGNED, { labels: { app: 'x' } })
  const readers: readonly [string, PolicyParts][] = [
    ['subjects', { rule: { match: { any: [{ resources: ofMallory, subjects: mallory }] } } }],
    ['excluded subjects', { rule: { exclude: { any: [{ subjects: [{ kind: 'User', name: 'alice' }] }] } } }],
    ['excluded roles', { rule: { exclude: { any: [{ clusterRoles: ['cluster-admin'] }] } } }],
    ['a precondition on the user', byPrecondition('request.userInfo.username')],
    ['a precondition on the service account', byPrecondition("serviceAccountName || 'none'")],
    ['a precondition on the roles', byPrecondition("request.clusterRoles[0] || 'none'")],
  ]

  test.each(readers)('an update of a Job is evaluated if a rule reads the requester by %s', async (_, parts) => {
    const { response, verdict } = await review(job(UNSIGNED), labelled, { parts, request: asMallory })
    expect(verdict).not.toHaveProperty('unjudged')
    expect(response.response.allowed).toBe(false)
    // The control: no rule reads who asks, so who asks does not matter.
    expect((await review(job(UNSIGNED), labelled, { request: asMallory })).verdict?.unjudged).toBe('immutable')
  })

  test('an update with `skipUnchangedImages` is evaluated if a rule reads the requester', async () => {
    const parts = { rule: { match: { any: [{ resources: ofMallory, subjects: mallory }] } } }
    const options = { skipUnchangedImages: true, request: asMallory }
    const after = pod(UNSIGNED, { labels: { app: 'x' } })
    expect((await review(pod(UNSIGNED), after, { ...options, parts })).response.response.allowed).toBe(false)
    expect((await review(pod(UNSIGNED), after, options)).response.response.allowed).toBe(true)
  })

  test.each(readers)(
    'a finalizer under deletion can be removed by anyone although a rule selects by %s',
    async (_, parts) => {
      const after = pod(UNSIGNED, { ...DELETING, finalizers: [] })
      const { verdict } = await review(pod(UNSIGNED, DELETING), after, { parts, request: asMallory })
      expect(verdict?.unjudged).toBe('being-deleted')
    },
  )
})

describe('a running Pod', () => {
  const finalized = pod(UNSIGNED, { finalizers: ['example.com/wait'] })

  test('an update of a running Pod is evaluated, unless `skipUnchangedImages` is set', async () => {
    expect((await review(finalized, pod(UNSIGNED))).response.response.allowed).toBe(false)
    const { response, verdict } = await review(finalized, pod(UNSIGNED), { skipUnchangedImages: true })
    expect([response.response.allowed, verdict?.unjudged]).toEqual([true, 'unchanged-images'])
  })

  test('`skipUnchangedImages` does not admit an update of an image or of a selecting label', async () => {
    const skipUnchangedImages = true
    const image = await review(pod(SIGNED), pod(UNSIGNED), { skipUnchangedImages })
    expect(image.response.response.allowed).toBe(false)
    const after = pod(UNSIGNED, { labels: { app: 'x' } })
    const label = await review(pod(UNSIGNED), after, { skipUnchangedImages, parts: bySelector })
    expect(label.response.response.allowed).toBe(false)
    expect((await review(pod(UNSIGNED), after, { skipUnchangedImages })).response.response.allowed).toBe(true)
  })

  test('an existing ephemeral container is verified and not pinned; a new one is pinned', async () => {
    const ephemeral = { ephemeralContainers: [{ name: 'debug', image: SIGNED }] }
    const pinnedPaths = async (before: object, after: object, request: object): Promise<readonly string[]> => {
      const { response, verdict } = await review(before, after, { request })
      expect(response.response.allowed).toBe(true)
      return (verdict?.patches ?? []).map(({ path }) => path).filter((path) => path.endsWith('image'))
    }
    const labelled = pod(SIGNED, { labels: { app: 'x' } }, ephemeral)
    expect(await pinnedPaths(pod(SIGNED, {}, ephemeral), labelled, {})).toEqual(['/spec/containers/0/image'])
    const subresource = { subResource: 'ephemeralcontainers' }
    expect(await pinnedPaths(pod(SIGNED), pod(SIGNED, {}, ephemeral), subresource)).toEqual([
      '/spec/ephemeralContainers/0/image',
    ])
  })
})

describe('an image that an extractor of the policy finds', () => {
  const extractedFrom = (kind: string, path: string): PolicyParts => ({
    kinds: [kind],
    rule: { imageExtractors: { [kind]: [{ path }] } },
  })
  const custom = (metadata: object, members: object = {}): object => ({
    apiVersion: 'acme.example/v1',
    kind: 'App',
    metadata: { name: 'app', namespace: 'default', ...metadata },
    spec: { size: 1 },
    ...members,
  })

  test.each<[string, string, (image: string) => object]>([
    ['an annotation', '/metadata/annotations/image', (image) => custom({ annotations: { image } })],
    ['any member of the metadata', '/metadata/*/image', (image) => custom({ annotations: { image } })],
    ['the status', '/status/image', (image) => custom({}, { status: { image } })],
    ['any member', '/*/image', (image) => custom({}, { status: { image } })],
    ['any member, with blanks in the path', ' / * / image ', (image) => custom({}, { status: { image } })],
  ])('an image that an extractor finds in %s is evaluated when it changes', async (_, path, object) => {
    const parts = extractedFrom('App', path)
    const options = { parts, skipUnchangedImages: true }
    const changed = await review(object(SIGNED), object(UNSIGNED), options)
    expect(changed.verdict).not.toHaveProperty('unjudged')
    expect(changed.response.response.allowed).toBe(false)
    // The control: nothing that the extractor finds changes.
    const same = await review(object(UNSIGNED), object(UNSIGNED), options)
    expect([same.response.response.allowed, same.verdict?.unjudged]).toEqual([true, 'unchanged-images'])
  })

  test('an image that an extractor finds outside of the template of a Job is evaluated and pinned', async () => {
    const parts = extractedFrom('Job', '/spec/sidecarImage')
    const before = job(UNSIGNED, {}, { sidecarImage: SIGNED })
    const changed = await review(before, job(UNSIGNED, {}, { sidecarImage: UNSIGNED }), { parts })
    expect(changed.verdict).not.toHaveProperty('unjudged')
    expect(changed.response.response.allowed).toBe(false)
    const suspended = job(UNSIGNED, {}, { sidecarImage: SIGNED, suspend: true })
    const { verdict } = await review(before, suspended, { parts })
    expect(verdict?.patches.map(({ path }) => path)).toContain('/spec/sidecarImage')
  })
})

test('an update that is admitted unchanged is not refused under `unmatched: refuse`', async () => {
  const { response } = await review(pod(UNSIGNED, DELETING), pod(UNSIGNED, { ...DELETING, finalizers: [] }), {
    unmatched: 'refuse',
  })
  expect(response.response.allowed).toBe(true)
})

test('a custom resource whose kind ends in List and that has `items` is reviewed as one object', async () => {
  const object = { apiVersion: 'example.com/v1', kind: 'ShoppingList', metadata: { name: 'a' }, items: ['milk'] }
  const { response } = await review(object, object)
  expect(response.response).toMatchObject({ allowed: true })
  const list = { apiVersion: 'v1', kind: 'PodList', metadata: {}, items: [] }
  expect((await review(list, list)).response.response).toMatchObject({ allowed: false, status: { code: 400 } })
  const verifier = createImageVerifier({ policies: [] })
  await expect(verifier.verifyResource(object)).rejects.toMatchObject({ code: 'VERIFIER_RESOURCE_INVALID' })
})

test('a rule for Deployments that selects by namespace labels does not match a Pod', async () => {
  const namespaceSelector = { matchLabels: { env: 'prod' } }
  const parts = { rule: { match: { any: [{ resources: { kinds: ['Deployment'], namespaceSelector } }] } } }
  const { response, verdict } = await review(pod(UNSIGNED), pod(UNSIGNED), { parts, request: { operation: 'CREATE' } })
  expect([response.response.allowed, verdict?.rules]).toEqual([true, []])
})
