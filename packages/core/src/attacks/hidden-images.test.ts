import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

/** Places and spellings in which an unsigned image could go unnoticed. */
const attacked = attackedWorld()
const SIGNED = 'registry.test/app:signed'
const UNSIGNED = 'registry.test/app:unsigned'

const KINDS = [
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'PodTemplate',
]

function policies(
  entry: object = {},
  rule: object = {},
  kinds: readonly string[] = KINDS,
): ReturnType<typeof policyOf> {
  const { world } = attacked
  world.image(SIGNED).signedBy(world.key('release'))
  world.image(UNSIGNED)
  return policyOf([signedBy([world.key('release')], entry)], { kinds, rule })
}

type Spec = Readonly<Record<string, unknown>>
const metadata = { name: 'app', namespace: 'default' }
const templates: readonly (readonly [string, (spec: Spec) => object])[] = [
  ['Pod', (spec) => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec })],
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map(
    (kind) =>
      [kind, (spec: Spec) => ({ apiVersion: 'apps/v1', kind, metadata, spec: { template: { spec } } })] as const,
  ),
  [
    'ReplicationController',
    (spec) => ({ apiVersion: 'v1', kind: 'ReplicationController', metadata, spec: { template: { spec } } }),
  ],
  ['Job', (spec) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: { spec } } })],
  [
    'CronJob',
    (spec) => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: { jobTemplate: { spec: { template: { spec } } } },
    }),
  ],
  ['PodTemplate', (spec) => ({ apiVersion: 'v1', kind: 'PodTemplate', metadata, template: { spec } })],
]
const main = { name: 'main', image: SIGNED }
const places: readonly (readonly [string, (image: string) => Spec])[] = [
  ['a container', (image) => ({ containers: [main, { name: 'second', image }] })],
  ['an init container', (image) => ({ containers: [main], initContainers: [{ name: 'init', image }] })],
  [
    'a sidecar',
    (image) => ({ containers: [main], initContainers: [{ name: 'side', image, restartPolicy: 'Always' }] }),
  ],
  ['an ephemeral container', (image) => ({ containers: [main], ephemeralContainers: [{ name: 'debug', image }] })],
  ['a volume', (image) => ({ containers: [main], volumes: [{ name: 'v', image: { reference: image } }] })],
]

describe.each(templates)('in a %s', (_, template) => {
  test.each(places)('an image in %s is verified', async (_place, spec) => {
    const admitted = await attacked.judge(policies(), template(spec(SIGNED)))
    expect(admitted).toMatchObject({ admitted: true, outcome: 'accepted' })
    expect(
      admitted.patches.filter(({ op, value }) => op === 'replace' && String(value).includes('@sha256:')),
    ).toHaveLength(2)
    expect(await attacked.judge(policies(), template(spec(UNSIGNED)))).toMatchObject({
      admitted: false,
      outcome: 'rejected',
      patches: [],
    })
  })
})

test.each(['List', 'PodList'])('a %s is refused instead of passing as an object without images', async (kind) => {
  const list = { apiVersion: 'v1', kind, metadata: {}, items: [podOf(UNSIGNED)] }
  for (const kinds of [['Pod'], [kind]]) {
    const judged = await attacked.judge(policies({}, {}, kinds), list).then(
      ({ admitted }) => admitted,
      ({ code }: { code?: unknown }) => code,
    )
    expect([false, 'VERIFIER_RESOURCE_INVALID']).toContain(judged)
  }
})

test('an ephemeral container that is added through the subresource is verified', async () => {
  const before = podOf(SIGNED)
  const after = (image: string): object => ({
    ...before,
    spec: { ...before.spec, ephemeralContainers: [{ name: 'debug', image }] },
  })
  const request = { operation: 'UPDATE', subresource: 'ephemeralcontainers', oldObject: before } as const
  expect((await attacked.judge(policies({}, {}, ['Pod']), after(SIGNED), {}, request)).admitted).toBe(true)
  expect((await attacked.judge(policies({}, {}, ['Pod']), after(UNSIGNED), {}, request)).admitted).toBe(false)
})

describe('a kind without an extractor', () => {
  const task = (image: string): object => ({
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata,
    spec: { steps: [{ name: 's', image }] },
  })
  const steps = { imageExtractors: { Task: [{ path: '/spec/steps/*/image' }] } }

  test('a kind without an extractor is not verified, and a warning says so', async () => {
    const verdict = await attacked.judge(policies({}, {}, ['Task']), task(UNSIGNED))
    expect(verdict.warnings.join()).toContain('without imageExtractors')
    expect(verdict).toMatchObject({ rules: [], unmatched: true })
    expect((await attacked.judge(policies({}, {}, ['Task']), task(UNSIGNED), { unmatched: 'refuse' })).admitted).toBe(
      false,
    )
  })

  test('a kind without a built-in extractor is verified with one of the policy', async () => {
    expect((await attacked.judge(policies({}, steps, ['Task']), task(SIGNED))).admitted).toBe(true)
    expect((await attacked.judge(policies({}, steps, ['Task']), task(UNSIGNED))).admitted).toBe(false)
  })

  test.each([
    ['a string', { steps: 'x' }],
    ['a step that is a string', { steps: ['x'] }],
    ['mixed steps', { steps: [{ name: 's', image: SIGNED }, 5] }],
    ['an image that is an array', { steps: [{ name: 's', image: [SIGNED] }] }],
  ])('an extractor whose path leads to %s is an error', async (_, spec) => {
    const wild = { imageExtractors: { Task: [{ path: '/spec/*/*/image' }] } }
    expect(await attacked.judge(policies({}, wild, ['Task']), { ...task(SIGNED), spec })).toMatchObject({
      admitted: false,
      outcome: 'inconclusive',
      rules: [{ status: 'error' }],
    })
  })
})

describe('an extractor that transforms', () => {
  const task = (image: string): object => ({ apiVersion: 'tekton.dev/v1', kind: 'Task', metadata, spec: { image } })
  const extracting = (jmesPath: string, entry: object = {}): ReturnType<typeof policyOf> =>
    policies(entry, { imageExtractors: { Task: [{ path: '/spec/image', jmesPath }] } }, ['Task'])

  const unpinned = { mutateDigest: false, verifyDigest: false }

  test('an extractor that transforms is refused with `mutateDigest`', () => {
    expect(() => extracting("trim_prefix(@, 'docker://')")).toThrow(
      expect.objectContaining({
        name: 'PolicyError',
        issues: [
          expect.objectContaining({
            code: 'POLICY_FIELD_CONFLICT',
            path: 'spec.rules[0].imageExtractors.Task[0].jmesPath',
          }),
        ],
      }),
    )
  })

  test.each<[string, (image: string) => string]>([
    ["trim_prefix(@, 'docker://')", (image) => `docker://${image}`],
    ["join('/', ['registry.test', @])", (image) => image.slice('registry.test/'.length)],
  ])('the image that %s returns is verified', async (expression, written) => {
    expect((await attacked.judge(extracting(expression, unpinned), task(written(SIGNED)))).admitted).toBe(true)
    expect((await attacked.judge(extracting(expression, unpinned), task(written(UNSIGNED)))).admitted).toBe(false)
  })

  test.each(['length(@)', 'no_such_function(@)', 'parse_json(@)'])(
    'an extractor whose %s returns no image is an error',
    async (expression) => {
      expect(await attacked.judge(extracting(expression, unpinned), task(SIGNED))).toMatchObject({
        admitted: false,
        rules: [{ status: 'error' }],
      })
    },
  )
})

describe('two containers of one name', () => {
  test.each(['main', '__proto__', 'constructor', 'hasOwnProperty'])(
    'of two containers named %s, neither hides the other',
    async (name) => {
      const twins = (...images: readonly string[]): object => ({
        ...podOf(),
        spec: { containers: images.map((image) => ({ name, image })) },
      })
      expect((await attacked.judge(policies(), twins(SIGNED, SIGNED))).admitted).toBe(true)
      expect((await attacked.judge(policies(), twins(SIGNED, UNSIGNED))).admitted).toBe(false)
      expect((await attacked.judge(policies(), twins(UNSIGNED, SIGNED))).admitted).toBe(false)
    },
  )
})

describe('a digest', () => {
  test.each(['registry.test/app:*', 'registry.test/app:v1*', 'registry.test/app:unsigned'])(
    'an image named by digest matches the pattern %s',
    async (pattern) => {
      const { world } = attacked
      const { digest } = world.image(UNSIGNED)
      const entry = { imageReferences: [pattern] }
      for (const reference of [
        `registry.test/app@${digest}`,
        `registry.test/app:v1@${digest}`,
        `registry.test/app:unsigned@${digest}`,
      ]) {
        expect((await attacked.judge(policies(entry), podOf(reference))).admitted).toBe(false)
      }
    },
  )

  test('a digest wins over the tag beside it, which is not fetched', async () => {
    const built = policies()
    const { digest } = attacked.world.image('registry.test/app:other').signedBy(attacked.world.key('release'))
    expect((await attacked.judge(built, podOf(`registry.test/app:unsigned@${digest}`))).admitted).toBe(true)
    expect(attacked.asked().filter((line) => line.includes('/manifests/unsigned'))).toEqual([])
  })
})
