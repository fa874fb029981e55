import type { ResourceRequest } from '../request/admission-request.ts'
import { describe, expect, test } from 'vitest'
import { parseExceptions } from '../parse-policies.ts'
import type { PolicyException } from '@verify-images/policy-parser'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

/** What the author of an object can write into it, or ask for beside it, to be let through. */
const attacked = attackedWorld()
const SIGNED = 'registry.test/app:signed'
const UNSIGNED = 'registry.test/app:unsigned'

function policies(entry: object = {}): ReturnType<typeof policyOf> {
  const { world } = attacked
  world.image(SIGNED).signedBy(world.key('release'))
  world.image(UNSIGNED)
  return policyOf([signedBy([world.key('release')], entry)])
}

test('control: the signed image is admitted, the unsigned one is not', async () => {
  expect((await attacked.judge(policies(), podOf(SIGNED))).admitted).toBe(true)
  expect(await attacked.judge(policies(), podOf(UNSIGNED))).toMatchObject({ admitted: false, outcome: 'rejected' })
})

describe('annotations that record a verification', () => {
  const passes = JSON.stringify({ [UNSIGNED]: 'pass', 'registry.test/app@sha256:0': true })
  const scoped = (version: unknown): string =>
    JSON.stringify({ version, policies: { '/signed': { check: { [UNSIGNED]: 'pass' } } } })
  const written: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    [
      'claim a pass',
      {
        'kyverno.io/verify-images': passes,
        'kyverno.io/verify-images-scoped': scoped(1),
        'kyverno.io/image-verification-outcomes': passes,
      },
    ],
    ['claim it in another version', { 'kyverno.io/verify-images-scoped': scoped(2) }],
    ['claim it in the older form only', { 'kyverno.io/verify-images': passes }],
    [
      'are not JSON',
      {
        'kyverno.io/verify-images': '{',
        'kyverno.io/verify-images-scoped': 'null',
        'kyverno.io/image-verification-outcomes': '[',
      },
    ],
    [
      'name prototypes',
      {
        'kyverno.io/verify-images': '{"__proto__":{"x":"pass"}}',
        'kyverno.io/verify-images-scoped': '{"version":1,"policies":{"__proto__":{}}}',
      },
    ],
    [
      'are huge',
      { 'kyverno.io/verify-images': JSON.stringify({ [UNSIGNED]: 'pass', padding: 'x'.repeat(1_000_000) }) },
    ],
  ]
  const annotated = (image: string, annotations: Readonly<Record<string, unknown>>): object => ({
    ...podOf(image),
    metadata: { name: 'app', namespace: 'default', annotations },
  })

  test.each(written)('annotations of a verification record that %s change nothing', async (_, annotations) => {
    for (const request of [
      {},
      { operation: 'UPDATE', oldObject: annotated(UNSIGNED, annotations) },
    ] satisfies ResourceRequest[]) {
      expect(await attacked.judge(policies(), annotated(UNSIGNED, annotations), {}, request)).toMatchObject({
        admitted: false,
        patches: [],
      })
    }
  })

  test('annotations that are not strings are refused with the object', async () => {
    const judged = await attacked
      .judge(policies(), annotated(UNSIGNED, { 'kyverno.io/verify-images': { [UNSIGNED]: 'pass' } }))
      .then(
        ({ admitted }) => admitted,
        ({ code }: { code?: unknown }) => code,
      )
    expect([false, 'VERIFIER_RESOURCE_INVALID']).toContain(judged)
  })

  test('annotations of a verification record are replaced by the result', async () => {
    const verdict = await attacked.judge(policies(), annotated(SIGNED, written[0]?.[1] ?? {}))
    expect(verdict.admitted).toBe(true)
    const values = verdict.patches
      .filter(({ path }) => path.includes('kyverno.io~1verify-images'))
      .map(({ value }) => String(value))
    expect(values).toHaveLength(2)
    expect(values.join()).not.toContain(UNSIGNED)
  })
})

describe('checks that an entry requires', () => {
  test('`required` is not met by an entry without attestors', async () => {
    const verdict = await attacked.judge(policies({ attestors: undefined }), podOf(SIGNED))
    expect(verdict).toMatchObject({ admitted: false, outcome: 'rejected', images: [{ verified: false }] })
    expect(verdict.rules.at(-1)).toMatchObject({ phase: 'validate', status: 'fail', code: 'VERIFIER_IMAGE_UNVERIFIED' })
  })

  test('`verifyDigest` rejects an image without a digest that is not pinned', async () => {
    const verdict = await attacked.judge(policies({ mutateDigest: false }), podOf(SIGNED))
    expect(verdict.admitted).toBe(false)
    expect(verdict.rules.flatMap(({ reasons }) => reasons.map(({ code }) => code))).toContain('VERIFIER_DIGEST_MISSING')
    expect((await attacked.judge(policies({ mutateDigest: false, verifyDigest: false }), podOf(SIGNED))).admitted).toBe(
      true,
    )
  })

  test('a condition that always holds does not count as a verification', async () => {
    const deny = { validate: { deny: { conditions: { any: [{ key: 'true', operator: 'Equals', value: 'false' }] } } } }
    expect((await attacked.judge(policies({ attestors: undefined, ...deny }), podOf(SIGNED))).admitted).toBe(false)
  })
})

describe('exemptions', () => {
  const exception = ({
    policy = 'signed',
    rule = 'check',
    images = UNSIGNED,
    name = 'exempt',
    match = {},
  }: {
    policy?: string
    rule?: string
    images?: string
    name?: string
    match?: object
  }): readonly PolicyException[] =>
    parseExceptions(
      JSON.stringify({
        apiVersion: 'kyverno.io/v2',
        kind: 'PolicyException',
        metadata: { name, namespace: 'default' },
        spec: {
          exceptions: [{ policyName: policy, ruleNames: [rule] }],
          match: { any: [{ resources: { kinds: ['Pod'], ...match } }] },
          conditions: {
            all: [{ key: '{{ request.object.spec.containers[].image }}', operator: 'AllIn', value: [images] }],
          },
        },
      }),
    )

  test('control: an exception of the caller for this rule and object exempts', async () => {
    expect((await attacked.judge(policies(), podOf(UNSIGNED), { exceptions: exception({}) })).admitted).toBe(true)
  })

  test.each<[string, Parameters<typeof exception>[0]]>([
    ['another rule', { rule: 'other' }],
    ['another policy', { policy: 'other' }],
    ['a policy of another namespace', { policy: 'default/signed' }],
    ['a policy by a pattern', { policy: '*' }],
    ['another image', { images: SIGNED }],
    ['another name', { match: { names: ['other'] } }],
    ['another namespace', { match: { namespaces: ['kube-system'] } }],
    ['another kind', { match: { kinds: ['Deployment'] } }],
  ])('an exception for %s exempts nothing', async (_, parts) => {
    expect((await attacked.judge(policies(), podOf(UNSIGNED), { exceptions: exception(parts) })).admitted).toBe(false)
  })

  test('two exceptions for other images do not exempt a third', async () => {
    const exceptions = [
      ...exception({ images: 'registry.test/x:1', name: 'x' }),
      ...exception({ images: 'registry.test/y:1', name: 'y' }),
    ]
    expect((await attacked.judge(policies(), podOf(UNSIGNED), { exceptions })).admitted).toBe(false)
    expect(
      (await attacked.judge(policies(), podOf(UNSIGNED), { exceptions: [...exceptions, ...exception({})] })).admitted,
    ).toBe(true)
  })

  test('an exception is never read from the cluster or from the object', async () => {
    const read: string[] = []
    const kubernetes = {
      read: (kind: string): Promise<undefined> => {
        read.push(kind)
        return Promise.resolve(undefined)
      },
    }
    expect((await attacked.judge(policies(), podOf(UNSIGNED), { kubernetes })).admitted).toBe(false)
    expect(read).toEqual([])
  })

  test('an object that claims to be under deletion is verified', async () => {
    const dying = {
      ...podOf(UNSIGNED),
      metadata: { name: 'app', namespace: 'default', deletionTimestamp: '2026-01-01T00:00:00Z' },
    }
    expect((await attacked.judge(policies(), dying, {}, { operation: 'UPDATE', oldObject: dying })).admitted).toBe(
      false,
    )
    expect((await attacked.judge(policies(), dying)).admitted).toBe(false)
  })
})
