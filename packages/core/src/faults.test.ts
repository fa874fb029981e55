import { createSigningWorld, type Fault, type LoggedRequest, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from './create-image-verifier.ts'
import { podOf, policyOf, signedBy } from './testing/policies.ts'

let world: SigningWorld
let fault: ((request: LoggedRequest) => Fault | undefined) | undefined
beforeEach(async () => {
  fault = undefined
  world = await createSigningWorld({ faults: (request) => fault?.(request) })
  world.image('registry.test/app:1').signedBy(world.key('release'))
})
afterEach(() => world.close())

const verifier = (
  spec: object = {},
  options: Omit<ImageVerifierOptions, 'policies'> = {},
): ReturnType<typeof createImageVerifier> =>
  createImageVerifier({
    policies: policyOf([signedBy([world.key('release')])], { spec }),
    registry: world.registryClient(),
    ...options,
  })
const places: readonly (readonly [string, RegExp])[] = [
  ['the tag', /manifests\/1$/],
  ['the signature manifest', /\.sig$/],
  ['the payload', /\/blobs\//],
]

describe.each(places)('at %s', (_, path) => {
  test.each<[string, Fault, string]>([
    ['a reset connection', { reset: true }, 'REGISTRY_UNAVAILABLE'],
    ['401', { status: 401, body: '' }, 'REGISTRY_UNAUTHORIZED'],
    ['403', { status: 403, body: '' }, 'REGISTRY_UNAUTHORIZED'],
    ['HTML', { body: '<html>sign in</html>', headers: { 'Content-Type': 'text/html' } }, 'REGISTRY_'],
    ['bytes with another digest', { body: '{"schemaVersion":2}' }, 'REGISTRY_'],
  ])('%s is "could not be checked", and never admits', async (name, answer, code) => {
    fault = ({ path: asked }) => (path.test(asked) ? answer : undefined)
    const verdict = await verifier().verifyResource(podOf('registry.test/app:1'))
    expect(verdict).toMatchObject({ admitted: false, patches: [] })
    // Where bytes are not named by a digest, other bytes are another image, or another signature: a definite answer.
    if (name === 'bytes with another digest' && !path.source.includes('blobs')) return
    expect(verdict.outcome).toBe('inconclusive')
    expect(verdict.rules.flatMap(({ reasons }) => reasons.map((reason) => reason.code)).join()).toContain(code)
  })
})

test('control: without a fault it is admitted', async () => {
  expect((await verifier().verifyResource(podOf('registry.test/app:1'))).admitted).toBe(true)
})

test('a registry that never answers is given up at the deadline', async () => {
  fault = () => ({ hang: true })
  const started = Date.now()
  const verdict = await verifier().verifyResource(podOf('registry.test/app:1'), { deadlineMs: 300 })
  expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  expect(Date.now() - started).toBeLessThan(3_000)
})

describe('a caller who aborts gets the reason instead of a verdict', () => {
  const pod = podOf('registry.test/app:1')
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u', operation: 'CREATE', object: pod },
  }
  test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['verifyResource', (signal) => verifier().verifyResource(pod, { signal })],
    ['verifyImage', (signal) => verifier().verifyImage('registry.test/app:1', { signal })],
    ['scan', (signal) => verifier({ background: true }).scan(pod, { signal })],
    ['review', (signal) => verifier().review(review, { signal })],
  ])('%s', async (_, evaluate) => {
    fault = () => ({ hang: true })
    const controller = new AbortController()
    const enough = new Error('enough')
    setTimeout(() => controller.abort(enough), 50)
    await expect(evaluate(controller.signal)).rejects.toBe(enough)
    await expect(evaluate(AbortSignal.abort(enough))).rejects.toBe(enough)
    await expect(evaluate(AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('aborting after the verdict changes nothing', async () => {
    const controller = new AbortController()
    const verdict = await verifier().verifyResource(pod, { signal: controller.signal })
    controller.abort()
    expect(verdict.admitted).toBe(true)
  })
})

test('failurePolicy Ignore admits as in Kyverno, and the outcome in the verdict stays inconclusive', async () => {
  fault = ({ path }) => (path.endsWith('.sig') ? { reset: true } : undefined)
  const policies = policyOf(
    [signedBy([world.key('release')], { required: false, mutateDigest: false, verifyDigest: false })],
    { spec: { failurePolicy: 'Ignore' } },
  )
  const verdict = await createImageVerifier({ policies, registry: world.registryClient() }).verifyResource(
    podOf('registry.test/app:1'),
  )
  expect(verdict).toMatchObject({
    admitted: true,
    outcome: 'inconclusive',
    rules: [{ status: 'error', outcome: 'inconclusive' }],
  })
  expect(verdict.images).toMatchObject([{ verified: false }])
})

describe('errors of a policy with failurePolicy Ignore beside one with Fail', () => {
  const admitted = async (other: object, parts: object = {}): Promise<boolean> => {
    fault = ({ path }) => (path.endsWith('.sig') ? { reset: true } : undefined)
    const entry = signedBy([world.key('release')], { required: false, mutateDigest: false, verifyDigest: false })
    const policies = [
      ...policyOf([entry], { spec: { failurePolicy: 'Ignore' } }),
      ...policyOf([{ ...entry, ...other }], { name: 'other', ...parts }),
    ]
    return (
      await createImageVerifier({ policies, registry: world.registryClient() }).verifyResource(
        podOf('registry.test/app:1'),
      )
    ).admitted
  }

  test('an error under Ignore blocks beside a policy with Fail for the same kind, as in Kyverno', async () => {
    expect(await admitted({ imageReferences: ['elsewhere.test/*'] })).toBe(false)
  })

  test('an error under Ignore does not block beside a policy with Fail for another kind', async () => {
    const rule = {
      match: { any: [{ resources: { kinds: ['Service'], namespaceSelector: { matchLabels: { a: 'b' } } } }] },
    }
    expect(await admitted({ imageReferences: ['elsewhere.test/*'] }, { rule })).toBe(true)
  })
})

test('an adapter that throws makes the rule inconclusive', async () => {
  const policies = policyOf([signedBy([world.key('release')])], {
    rule: {
      context: [{ name: 'c', configMap: { name: 'c', namespace: 'default' } }],
      preconditions: { all: [{ key: '{{ c.data.x }}', operator: 'Equals', value: 'y' }] },
    },
  })
  const kubernetes = {
    read: () => {
      throw new TypeError('cannot read properties of undefined')
    },
  }
  expect(
    await createImageVerifier({ policies, registry: world.registryClient(), kubernetes }).verifyResource(
      podOf('registry.test/app:1'),
    ),
  ).toMatchObject({ admitted: false, outcome: 'inconclusive', rules: [{ status: 'error' }] })
})

describe('an option', () => {
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'VERIFIER_RESOURCE_INVALID'],
    ['a string', 'pod', 'VERIFIER_RESOURCE_INVALID'],
    ['an array', [], 'VERIFIER_RESOURCE_INVALID'],
    ['an object without a kind', {}, 'VERIFIER_RESOURCE_INVALID'],
    [
      'a Pod whose metadata is a string',
      { apiVersion: 'v1', kind: 'Pod', metadata: 'app' },
      'VERIFIER_RESOURCE_INVALID',
    ],
  ])('the resource %s is refused with a code', async (_, resource, code) => {
    await expect(verifier().verifyResource(resource as object)).rejects.toMatchObject({ name: 'VerifierError', code })
  })

  test.each([
    ['no policies', { policies: undefined }],
    ['a deadline of 0', { policies: [], deadlineMs: 0 }],
    ['an infinite deadline', { policies: [], deadlineMs: Infinity }],
    ['a fraction of a millisecond', { policies: [], deadlineMs: 0.5 }],
    ['an unknown value of `unmatched`', { policies: [], unmatched: 'maybe' }],
    ['an unknown value of `platforms`', { policies: [], platforms: 'every' }],
    ['an empty array of platforms', { policies: [], platforms: [] }],
    ['a platform without an architecture', { policies: [], platforms: ['linux'] }],
  ])('createImageVerifier refuses %s', (_, options) => {
    expect(() => createImageVerifier(options as unknown as ImageVerifierOptions)).toThrow(
      expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID' }),
    )
  })

  test.each<[string, object, Partial<ImageVerifierOptions>]>([
    ['a deadline in the past', { deadlineMs: -1 }, {}],
    ['an invalid signal', { signal: {} }, {}],
    // Before such a time nothing has expired, and after it nothing is too early.
    ['a clock that returns an invalid Date', {}, { clock: () => new Date(Number.NaN) }],
    ['a clock that returns a number', {}, { clock: () => 0 as unknown as Date }],
  ])('an evaluation does not start with %s', async (_, request, options) => {
    await expect(verifier({}, options).verifyResource(podOf('registry.test/app:1'), request)).rejects.toMatchObject({
      name: 'VerifierError',
      code: 'VERIFIER_OPTIONS_INVALID',
    })
  })

  test.each<[string, object, Partial<ImageVerifierOptions>, number]>([
    ['a kind without a name', { kind: {} }, {}, 400],
    [
      'a fault of ours',
      {},
      {
        clock: () => {
          throw new Error('postgres://user:password@host')
        },
      },
      500,
    ],
  ])('a review is answered, and denied, whatever happens: %s', async (_, request, options, code) => {
    const review = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid: 'u', operation: 'CREATE', object: podOf('registry.test/app:1'), ...request },
    }
    const heard: unknown[] = []
    const { response: answer } = await verifier({}, options).review(review, {
      onFault: (fault) => {
        heard.push(fault)
        throw new Error('the disk is full')
      },
    })
    expect(heard).toHaveLength(code === 500 ? 1 : 0)
    expect(answer.response).toMatchObject({ uid: 'u', allowed: false, status: { code } })
    expect(JSON.stringify(answer)).not.toContain('password')
    expect(
      (
        await verifier().review({
          ...review,
          request: { ...review.request, kind: { group: '', version: 'v1', kind: 'Pod' } },
        })
      ).response.response.allowed,
    ).toBe(true)
  })

  test.each([
    'registry.test/app@sha256:x',
    'registry.test/App',
    'registry.test/app :1',
    `registry.test/${'a'.repeat(300)}`,
    'http://registry.test/app',
    'registry.test/app:1:2',
    '../app',
    'registry.test/%2e%2e/app',
    'registry.test/app\n',
  ])('the reference %j is refused, and never corrected', async (reference) => {
    const verdict = await verifier().verifyImage(reference)
    expect(verdict).toMatchObject({ admitted: false, status: 'error', outcome: 'inconclusive', requests: { total: 0 } })
    expect(verdict.rules[0]?.reasons[0]?.code).toMatch(/^IMAGE_/)
  })

  test.each(['', ' '])('the blank reference %j is denied, because no rule matches it', async (reference) => {
    const verdict = await verifier().verifyImage(reference)
    expect(verdict).toMatchObject({
      ...{ admitted: false, status: 'unmatched', outcome: 'rejected', rules: [], requests: { total: 0 } },
      denial: expect.stringContaining('no policy matches the object') as string,
    })
  })

  test('the resource is copied, so that later changes of the caller have no effect', async () => {
    const pod = podOf('registry.test/app:1')
    const verdict = verifier().verifyResource(pod)
    Object.assign(pod.spec, { containers: [] })
    expect((await verdict).images).toHaveLength(1)
  })

  test('a verdict is data, and the same for the same input', async () => {
    const judge = async (): Promise<string> =>
      JSON.stringify(await verifier({}, { clock: () => new Date(0) }).verifyResource(podOf('registry.test/app:1')))
    expect(await judge()).toBe(await judge())
  })
})
