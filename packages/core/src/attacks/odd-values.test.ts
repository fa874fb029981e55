import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { createImageVerifier } from '../create-image-verifier.ts'
import { parseExceptions, parsePolicies } from '../parse-policies.ts'
import type { AdmissionReview } from '../request/review.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

/** Documents of every kind with one value at a time replaced by an unexpected one. */
const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const ODD: readonly Json[] = [null, {}, [], '', 0, -1, 1.5, true, 'x', [null], { a: null }]

function deep(levels: number): Json {
  let value: Json = []
  for (let i = 0; i < levels; i++) value = [value]
  return value
}
const HUGE: readonly Json[] = ['x'.repeat(1024 * 1024), deep(10_000), Array.from({ length: 20_000 }, () => 0)]

/** Every document in which one value below the root is another one. */
function* replacements(value: Json, odd: readonly Json[]): Generator<Json> {
  if (Array.isArray(value)) {
    for (const [i, item] of (value as readonly Json[]).entries()) {
      for (const each of [...odd, ...replacements(item, odd)]) yield value.with(i, each) as Json
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value))
      for (const each of [...odd, ...replacements(item, odd)]) yield { ...value, [name]: each }
  }
}

const rejections: unknown[] = []
const note = (reason: unknown): void => void rejections.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(async () => {
  await new Promise((done) => setTimeout(done, 10))
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

/** A verdict, or the code of one of our own errors; anything else escapes and fails the test. */
async function answerOf(work: () => Promise<ResourceVerdict>): Promise<ResourceVerdict | string> {
  try {
    return await work()
  } catch (error) {
    const { name, code } = error as { name?: unknown; code?: unknown }
    if ((name !== 'PolicyError' && name !== 'VerifierError') || typeof code !== 'string') throw error
    return code
  }
}

function expectUnverified(answer: ResourceVerdict | string): void {
  if (typeof answer === 'string') return
  expect(answer.images.filter(({ verified }) => verified)).toEqual([])
  for (const { code } of answer.rules.flatMap(({ reasons }) => reasons))
    expect(code).toMatch(/^(?:IMAGE|CONDITION|POLICY|ATTESTOR|REGISTRY|VERIFIER|CERTIFICATE|NOTARY)_[A-Z_]+$/)
  expect(answer.rules.flatMap(({ reasons }) => reasons.map(({ code }) => code))).not.toContain('VERIFIER_INTERNAL')
}

const pod = {
  ...podOf('registry.test/app:1'),
  metadata: {
    name: 'app',
    namespace: 'default',
    labels: { tier: 'prod' },
    annotations: { a: 'b' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'x' }],
  },
  spec: {
    containers: [{ name: 'main', image: 'registry.test/app:1', env: [{ name: 'A', value: 'b' }] }],
    initContainers: [{ name: 'init', image: 'registry.test/app:1' }],
    volumes: [{ name: 'v', image: { reference: 'registry.test/app:1' } }],
    imagePullSecrets: [{ name: 'pull' }],
  },
}

describe('an object', () => {
  const rules = (): ReturnType<typeof policyOf> =>
    policyOf([signedBy([attacked.world.key('release')])], {
      kinds: ['Pod'],
      rule: {
        preconditions: {
          all: [{ key: "{{ request.object.metadata.labels.tier || 'prod' }}", operator: 'Equals', value: 'prod' }],
        },
      },
    })

  test('control: the valid object with signed images is admitted', async () => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('release'))
    expect((await attacked.judge(rules(), pod)).admitted).toBe(true)
  })

  test('an object with unsigned images and an odd value in any place is never shown as verified', async () => {
    attacked.world.image('registry.test/app:1')
    const policies = rules()
    const registry = attacked.world.registryClient()
    for (const changed of replacements(pod as Json, ODD))
      expectUnverified(await answerOf(async () => attacked.judge(policies, changed as object, { registry })))
  })

  test('an object with a huge value is refused or verified in bounded time', async () => {
    attacked.world.image('registry.test/app:1')
    const policies = rules()
    for (const changed of replacements(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'a', labels: { tier: 'prod' } },
        spec: { containers: [{ name: 'c', image: 'registry.test/app:1' }] },
      },
      HUGE,
    )) {
      const started = performance.now()
      expectUnverified(await answerOf(async () => attacked.judge(policies, changed as object)))
      expect(performance.now() - started).toBeLessThan(2_000)
    }
  })

  test.each([...ODD, undefined, () => 0, Symbol('x'), 1n, new Date(), new Map()])(
    'the value %s instead of an object is refused',
    async (value) => {
      expect(typeof (await answerOf(async () => attacked.judge(rules(), value as object)))).toBe('string')
    },
  )
})

describe('a policy', () => {
  const document = (): Json => ({
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'signed', annotations: { 'pod-policies.kyverno.io/autogen-controllers': 'none' } },
    spec: {
      validationFailureAction: 'Enforce',
      failurePolicy: 'Fail',
      background: false,
      webhookTimeoutSeconds: 10,
      rules: [
        {
          name: 'check',
          match: {
            any: [
              { resources: { kinds: ['Pod'], namespaces: ['default'], selector: { matchLabels: { tier: 'prod' } } } },
            ],
          },
          exclude: { any: [{ subjects: [{ kind: 'User', name: 'root' }] }] },
          context: [{ name: 'c', variable: { value: { a: 1 }, jmesPath: 'a' } }],
          preconditions: { all: [{ key: '{{ c }}', operator: 'Equals', value: 1 }] },
          verifyImages: [
            {
              type: 'Cosign',
              imageReferences: ['registry.test/*'],
              skipImageReferences: ['other.test/*'],
              required: true,
              verifyDigest: true,
              mutateDigest: true,
              attestors: [
                {
                  count: 1,
                  entries: [
                    {
                      keys: {
                        publicKeys: attacked.world.key('release').publicKey,
                        signatureAlgorithm: 'sha256',
                        rekor: { ignoreTlog: true },
                        ctlog: { ignoreSCT: true },
                      },
                      annotations: { a: 'b' },
                    },
                  ],
                },
              ],
              attestations: [
                {
                  name: 'scan',
                  type: SCAN,
                  attestors: [
                    { entries: [{ keyless: { subject: 'a', issuer: 'b', rekor: { url: 'https://log.test' } } }] },
                  ],
                  conditions: [{ all: [{ key: '{{ clean }}', operator: 'Equals', value: true }] }],
                },
              ],
              imageRegistryCredentials: { allowInsecureRegistry: false, providers: ['amazon'], secrets: ['pull'] },
              validate: {
                message: 'no',
                deny: { conditions: { any: [{ key: '{{ scan.level }}', operator: 'Equals', value: 'high' }] } },
              },
            },
          ],
        },
      ],
    },
  })

  test('a policy with an odd value in any place is refused, or verifies no unsigned image', async () => {
    attacked.world.image('registry.test/app:1')
    const registry = attacked.world.registryClient()
    let refused = 0
    for (const changed of replacements(document(), [null, {}, [], '', 0, 'x', [null]])) {
      const answer = await answerOf(async () =>
        createImageVerifier({ policies: parsePolicies(JSON.stringify(changed)), registry }).verifyResource(pod),
      )
      expectUnverified(answer)
      if (typeof answer === 'string') refused++
    }
    expect(refused).toBeGreaterThan(100)
    expect(parsePolicies(JSON.stringify(document()))).toHaveLength(1)
  })

  test('a policy with a huge value is refused', () => {
    for (const huge of [
      '"' + 'x'.repeat(1024 * 1024) + '"',
      '['.repeat(10_000) + ']'.repeat(10_000),
      '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000),
    ]) {
      const started = performance.now()
      expect(() =>
        parsePolicies(
          `{"apiVersion":"kyverno.io/v1","kind":"ClusterPolicy","metadata":{"name":"a"},"spec":{"rules":${huge}}}`,
        ),
      ).toThrow(expect.objectContaining({ name: 'PolicyError' }))
      expect(performance.now() - started).toBeLessThan(1_000)
    }
  })

  test('an exception with an odd value in any place is parsed, or refused with PolicyError', () => {
    const exception: Json = {
      apiVersion: 'kyverno.io/v2',
      kind: 'PolicyException',
      metadata: { name: 'e', namespace: 'n' },
      spec: {
        exceptions: [{ policyName: 'p', ruleNames: ['r'] }],
        match: { any: [{ resources: { kinds: ['Pod'] } }] },
        conditions: { all: [{ key: 'a', operator: 'Equals', value: 'a' }] },
      },
    }
    expect(parseExceptions(JSON.stringify(exception))).toHaveLength(1)
    for (const changed of replacements(exception, ODD)) {
      try {
        parseExceptions(JSON.stringify(changed))
      } catch (error) {
        expect(error).toMatchObject({ name: 'PolicyError' })
      }
    }
  })
})

describe('a review', () => {
  test('a review with an odd value in any place is answered, and admits no unsigned image', async () => {
    attacked.world.image('registry.test/app:1')
    const verifier = createImageVerifier({
      policies: policyOf([signedBy([attacked.world.key('release')])], { kinds: ['Pod'] }),
      registry: attacked.world.registryClient(),
    })
    const review: Json = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u',
        kind: { group: '', version: 'v1', kind: 'Pod' },
        operation: 'CREATE',
        name: 'app',
        namespace: 'default',
        userInfo: { username: 'a', groups: ['g'] },
        object: pod as Json,
        oldObject: null,
        dryRun: false,
      },
    }
    expect((await verifier.review(review as unknown as AdmissionReview)).response.response).toMatchObject({
      uid: 'u',
      allowed: false,
    })
    let admitted = 0
    for (const changed of replacements(review, [null, {}, [], '', 0, true, 'x'])) {
      const { response } = await verifier.review(changed as unknown as AdmissionReview)
      if (response.response.allowed) admitted++
    }
    // Where the kind or the operation is another one, or there is no image left, no rule is concerned.
    expect(admitted).toBeLessThan(60)
    for (const odd of ODD)
      expect((await verifier.review(odd as unknown as AdmissionReview)).response.response.allowed).toBe(false)
  })
})

describe('the answer of a registry', () => {
  test('an odd value in any manifest, signature or listing of a registry never admits', async () => {
    const { world } = attacked
    const release = world.key('release')
    const { digest } = world
      .image('registry.test/app:1')
      .signedBy(release)
      .bundledBy(release)
      .attestedBy(release, SCAN, { clean: true })
    const attestations = [{ type: SCAN, attestors: [{ entries: [keyAttestor(release)] }] }]
    const policies = [
      ...policyOf([signedBy([release], { attestations })]),
      ...policyOf([signedBy([release], { type: 'SigstoreBundle' })], { name: 'bundled' }),
    ]
    expect((await attacked.judge(policies, podOf('registry.test/app:1'))).admitted).toBe(true)

    const store = world.registry.repository('app')
    const tag = digest.replace(':', '-')
    let admitted = 0
    const places: readonly (readonly [RegExp, Uint8Array | undefined])[] = [
      [/\/manifests\/1$/, store.manifest('1')?.bytes],
      [/\.sig$/, store.manifest(`${tag}.sig`)?.bytes],
      [/\.att$/, store.manifest(`${tag}.att`)?.bytes],
      [/\/referrers\//, store.referrers(digest).bytes],
    ]
    for (const [place, bytes] of places) {
      const honest = JSON.parse(Buffer.from(bytes ?? []).toString()) as Json
      for (const changed of replacements(honest, [null, {}, [], '', -1, 'x'])) {
        const body = JSON.stringify(changed)
        attacked.fault = ({ path }) =>
          place.test(path)
            ? {
                body,
                headers: { 'Docker-Content-Digest': `sha256:${createHash('sha256').update(body).digest('hex')}` },
              }
            : undefined
        const answer = await answerOf(async () => attacked.judge(policies, podOf('registry.test/app:1')))
        if (typeof answer === 'string') throw new Error(answer)
        expect(answer.rules.flatMap(({ reasons }) => reasons.map(({ code }) => code))).not.toContain(
          'VERIFIER_INTERNAL',
        )
        // What nothing signs may change without consequence, but for the image itself, which is its digest.
        if (answer.admitted) admitted++
        if (answer.admitted)
          expect(answer.patches.find(({ path }) => path.endsWith('/image'))?.value).toBe(
            `registry.test/app:1@${digest}`,
          )
      }
    }
    expect(admitted).toBeGreaterThan(20)
  })
})
