import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { parseExceptions } from '../parse-policies.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

let world: SigningWorld
beforeEach(async () => {
  world = await createSigningWorld()
  world.image('registry.test/app:1').signedBy(world.key('release'))
})
afterEach(() => world.close())

async function judge(resource: object, unmatched: 'admit' | 'refuse', request: object = {}): Promise<ResourceVerdict> {
  const policies = policyOf([signedBy([world.key('release')])])
  return createImageVerifier({ registry: world.registryClient(), policies, unmatched }).verifyResource(
    resource,
    request,
  )
}

const unknown = {
  apiVersion: 'example.com/v1',
  kind: 'Rollout',
  metadata: { name: 'app' },
  spec: { template: podOf('elsewhere.test/app:1') },
}

test.each(['', 'BAD!', 'registry.test/app :1'])(
  'the invalid image %j is refused, whatever the policies',
  async (reference) => {
    expect(await createImageVerifier({ policies: [] }).verifyImage(reference)).toMatchObject({
      admitted: false,
      outcome: 'rejected',
      status: 'unmatched',
    })
  },
)

describe('with `unmatched: refuse`', () => {
  test.each<[string, object, string]>([
    [
      'an image',
      podOf('elsewhere.test/app:1'),
      'no policy matches the image elsewhere.test/app:1 at /spec/containers/0/image',
    ],
    [
      'one image beside another',
      podOf('registry.test/app:1', 'elsewhere.test/app:1'),
      'no policy matches the image elsewhere.test/app:1 at /spec/containers/1/image',
    ],
    [
      'an object of an unknown kind',
      unknown,
      'no policy matches the object, and the image fields of its kind are unknown or empty',
    ],
    [
      'a controller of a kind that no rule is for, with images that cannot be read',
      { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'app' }, template: { spec: { containers: 'x' } } },
      'no policy matches the object, and its images cannot be read',
    ],
    [
      "one of a group that only looks like Kubernetes's",
      { ...unknown, apiVersion: 'sparkoperator.k8s.io/v1beta2' },
      'the image fields of its kind are unknown or empty: Rollout.sparkoperator.k8s.io',
    ],
    [
      'a kind of such an extension that has an image field',
      { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', metadata: { name: 'app' } },
      'the image fields of its kind are unknown or empty: Prometheus.monitoring.coreos.com',
    ],
    [
      'a kind of that name in another group',
      { apiVersion: 'example.com/v1', kind: 'Certificate', metadata: { name: 'app' } },
      'the image fields of its kind are unknown or empty: Certificate.example.com',
    ],
    [
      'a kind that is misspelt',
      { ...podOf('elsewhere.test/app:1'), apiVersion: 'apps/v1', kind: 'Deploymnet' },
      'the image fields of its kind are unknown or empty',
    ],
    [
      'a Pod whose containers are misspelt',
      { ...podOf(), spec: { container: [{ name: 'c', image: 'elsewhere.test/app:1' }] } },
      'no policy matches the object',
    ],
  ])('`unmatched: refuse` refuses %s', async (_, resource, denial) => {
    expect(await judge(resource, 'refuse')).toMatchObject({
      admitted: false,
      outcome: 'rejected',
      patches: [],
      denial: expect.stringContaining(denial) as unknown,
    })
    expect((await judge(resource, 'admit')).admitted).toBe(true)
  })

  test.each<[string, object, object]>([
    ['an image that a policy matches', podOf('registry.test/app:1'), {}],
    ['an object that runs nothing', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'app' } }, {}],
    [
      'one of an API group of Kubernetes',
      { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'app' } },
      {},
    ],
    [
      'one of an extension that many clusters have',
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata: { name: 'app' } },
      {},
    ],
    ['a deletion', podOf('elsewhere.test/app:1'), { operation: 'DELETE' }],
    ['a connection', { apiVersion: 'v1', kind: 'PodExecOptions' }, { operation: 'CONNECT' }],
  ])('`unmatched: refuse` admits %s', async (_, resource, request) => {
    expect(await judge(resource, 'refuse', request)).toMatchObject({ admitted: true, outcome: 'accepted' })
  })

  describe('and `extractors: common`', () => {
    const common = (resource: object, more: Partial<ImageVerifierOptions> = {}): Promise<ResourceVerdict> =>
      createImageVerifier({
        registry: world.registryClient(),
        policies: policyOf([signedBy([world.key('release')])], {
          rule: { match: { any: [{ resources: { kinds: ['Pod', 'argoproj.io/*/Rollout'] } }] } },
        }),
        unmatched: 'refuse',
        extractors: 'common',
        ...more,
      }).verifyResource(resource)
    const rollout = (...references: readonly string[]): object => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name: 'app', namespace: 'default' },
      spec: { template: podOf(...references) },
    })

    test('an image of a common kind that a rule matches is verified and pinned, with a warning', async () => {
      const verdict = await common(rollout('registry.test/app:1'))
      expect(verdict).toMatchObject({ admitted: true, outcome: 'accepted', images: [{ verified: true }] })
      expect(verdict.warnings.join()).toContain('Kyverno would not have checked it')
      expect(verdict.patches.map(({ path }) => path)).toContain('/spec/template/spec/containers/0/image')
      world.image('registry.test/app:unsigned')
      expect(await common(rollout('registry.test/app:unsigned'))).toMatchObject({ admitted: false })
    })

    test('a common kind is not searched with the compatibility option for references', async () => {
      expect((await common(rollout('registry.test/app:1'), { extractors: 'kyverno' })).denial).toContain(
        'the image fields of its kind are unknown or empty: Rollout.argoproj.io',
      )
    })

    test('an image of a common kind that no policy matches is named with its pointer', async () => {
      expect((await common(rollout('registry.test/app:1', 'elsewhere.test/app:1'))).denial).toBe(
        'no policy matches the image elsewhere.test/app:1 at /spec/template/spec/containers/1/image',
      )
    })

    test('an object of a common kind without an image is admitted, because its controller chooses it', async () => {
      const run = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name: 'r' }, spec: { taskRef: {} } }
      expect(await common(run)).toMatchObject({ admitted: true })
      expect(await common(run, { extractors: 'kyverno' })).toMatchObject({ admitted: false })
    })
  })

  test('kinds that the caller lists as idle are admitted, by their API group', async () => {
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } }
    const verifier = createImageVerifier({
      registry: world.registryClient(),
      policies: policyOf([signedBy([world.key('release')])]),
      unmatched: 'refuse',
      kindsWithoutImages: ['Widget.example.com'],
    })
    expect(await verifier.verifyResource(widget)).toMatchObject({ admitted: true })
    expect(await verifier.verifyResource({ ...widget, apiVersion: 'other.test/v1' })).toMatchObject({ admitted: false })
  })

  test('a policy whose preconditions do not hold matches no image, one with an exception does', async () => {
    const entries = [signedBy([world.key('release')])]
    const preconditions = { all: [{ key: 'a', operator: 'Equals', value: 'b' }] }
    const exceptions = parseExceptions(
      JSON.stringify({
        apiVersion: 'kyverno.io/v2',
        kind: 'PolicyException',
        metadata: { name: 'x', namespace: 'default' },
        spec: {
          exceptions: [{ policyName: 'signed', ruleNames: ['check'] }],
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
        },
      }),
    )
    const verifier = (options: Omit<ImageVerifierOptions, 'unmatched'>): ImageVerifier =>
      createImageVerifier({ registry: world.registryClient(), unmatched: 'refuse', ...options })
    world.image('registry.test/app:2')
    expect(
      await verifier({ policies: policyOf(entries, { rule: { preconditions } }) }).verifyImage('registry.test/app:2'),
    ).toMatchObject({
      admitted: false,
      outcome: 'rejected',
      denial: 'no policy matches the image registry.test/app:2 at /spec/containers/0/image',
    })
    expect(
      await verifier({ policies: policyOf(entries), exceptions }).verifyImage('registry.test/app:2'),
    ).toMatchObject({ admitted: true })
  })

  test('a scan reports an unmatched image without a decision', async () => {
    const policies = policyOf([signedBy([world.key('release')], { mutateDigest: false })], {
      spec: { background: true },
    })
    const scan = (unmatched: 'admit' | 'refuse'): Promise<unknown> =>
      createImageVerifier({ registry: world.registryClient(), policies, unmatched }).scan(
        podOf('registry.test/app:1', 'elsewhere.test/app:1'),
      )
    expect(await scan('refuse')).toMatchObject({
      outcome: 'rejected',
      denial: 'no policy matches the image elsewhere.test/app:1 at /spec/containers/1/image',
    })
    expect(await scan('admit')).toMatchObject({ outcome: 'accepted' })
  })

  test('an image that a policy denies keeps the denial of the policy', async () => {
    world.image('registry.test/app:2')
    expect((await judge(podOf('registry.test/app:2', 'elsewhere.test/app:1'), 'refuse')).denial).toContain(
      'was blocked due to the following policies',
    )
  })
})
