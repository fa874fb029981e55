import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from './create-image-verifier.ts'
import { parseExceptions } from './parse-policies.ts'
import { keyAttestor, podOf, policyOf, signedBy, type PolicyParts } from './testing/policies.ts'
import type { ResourceVerdict } from './verdict/verdict.ts'

let world: SigningWorld
beforeEach(async () => {
  world = await createSigningWorld()
  world.image('registry.test/app:1').signedBy(world.key('release'))
})
afterEach(() => world.close())

const signed = (entry: object = {}): object =>
  signedBy([world.key('release')], { mutateDigest: false, verifyDigest: false, ...entry })

async function judge(
  entries: readonly object[],
  resource: object,
  {
    parts = {},
    options = {},
    request = {},
  }: {
    readonly parts?: PolicyParts
    readonly options?: Omit<ImageVerifierOptions, 'policies'>
    readonly request?: object
  } = {},
): Promise<ResourceVerdict> {
  return createImageVerifier({
    registry: world.registryClient(),
    ...options,
    policies: policyOf(entries, parts),
  }).verifyResource(resource, request)
}

describe('an image that an UPDATE leaves as it was, recorded as verified', () => {
  const image = 'registry.test/app:1'
  const scoped = { version: 1, policies: { '/signed': { check: { [image]: 'pass' } } } }
  const pod = {
    ...podOf(image),
    metadata: {
      name: 'app',
      namespace: 'default',
      annotations: { 'kyverno.io/verify-images-scoped': JSON.stringify(scoped) },
    },
  }
  const first = (verdict: ResourceVerdict): unknown[] =>
    verdict.rules.filter(({ phase }) => phase === 'mutate').map(({ message }) => message)

  test.each<[string, () => object]>([
    ['pinned', () => ({ imageReferences: ['registry.test/*'] })],
    ['skipped by an entry about other images', () => signed({ imageReferences: ['registry.test/other*'] })],
    ['skipped by its name', () => signed({ skipImageReferences: ['registry.test/app*'] })],
  ])('a recorded image is not %s on UPDATE, because Kyverno reads the record first', async (_, entry) => {
    const entries = [entry(), signed()]
    const update = await judge(entries, pod, { request: { operation: 'UPDATE', oldObject: pod } })
    expect(first(update)).toEqual([])
    expect(update.patches.filter(({ op }) => op === 'replace')).toEqual([])
    expect(new Set(first(await judge(entries, pod))).size).toBe(2)
  })

  test('a recorded image is verified on UPDATE nevertheless', async () => {
    const unsigned = JSON.parse(JSON.stringify(pod).replaceAll('app:1', 'app:2')) as object
    world.image('registry.test/app:2')
    expect(
      (await judge([signed()], unsigned, { request: { operation: 'UPDATE', oldObject: unsigned } })).admitted,
    ).toBe(false)
  })
})

describe('a rule that matches only images that Kyverno does not find', () => {
  const pod = {
    ...podOf(),
    spec: { containers: [], volumes: [{ name: 'v', image: { reference: 'registry.test/app:1' } }] },
  }
  const parts = (precondition: object): PolicyParts => ({ rule: { preconditions: { all: [precondition] } } })

  test('a rule for images that Kyverno does not find has no row if it does not apply', async () => {
    expect(await judge([signed()], pod, { parts: parts({ key: 'a', operator: 'Equals', value: 'b' }) })).toMatchObject({
      admitted: true,
      rules: [],
    })
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
    expect(await judge([signed()], pod, { options: { exceptions } })).toMatchObject({ admitted: true, rules: [] })
  })

  test('a rule for images that Kyverno does not find refuses if it is unknown whether it applies', async () => {
    const verdict = await judge([signed()], pod, {
      parts: parts({ key: '{{ request.object.nothing }}', operator: 'Equals', value: 'b' }),
    })
    expect(verdict).toMatchObject({
      admitted: false,
      outcome: 'inconclusive',
      rules: [{ status: 'error', reasons: [{ difference: 'S30' }] }],
    })
  })

  test("a rule for images that Kyverno does not find pins without Kyverno's row", async () => {
    const verdict = await judge(
      [{ imageReferences: ['registry.test/*'] }],
      { ...pod, spec: { ...pod.spec, containers: [{ name: 'c', image: 'registry.test/app:1' }] } },
      { parts: { spec: { validationFailureAction: 'Enforce' } } },
    )
    expect(verdict.rules.filter(({ message }) => message === 'mutated image digest')).toHaveLength(1)
  })
})

describe('the second phase', () => {
  test('the validating phase counts skipped images once per entry and place', async () => {
    const skipping = signed({ skipImageReferences: ['registry.test/app*'] })
    const verdict = await judge([skipping, skipping], podOf('registry.test/app:1', 'registry.test/app:1'))
    expect(verdict.rules.at(-1)).toMatchObject({
      phase: 'validate',
      status: 'skip',
      message: `image skipped, skipped images:${' registry.test/app:1'.repeat(4)}`,
    })
  })

  test('the validating phase names the type of the step that ended a rule', async () => {
    const preconditions = { all: [{ key: '{{ request.object.nothing }}', operator: 'Equals', value: 'a' }] }
    const verdict = await judge([signed()], podOf('registry.test/app:1'), {
      parts: { rule: { preconditions }, spec: { failurePolicy: 'Ignore' } },
    })
    expect(verdict.rules.map(({ phase, type, status }) => `${phase} ${type} ${status}`)).toEqual([
      'mutate ImageVerify error',
      'validate Validation error',
    ])
  })
})

describe('skipImageReferences', () => {
  const skipping = (): object =>
    signed({ imageReferences: ['registry.test/app:*'], skipImageReferences: ['registry.test/app*'] })
  const rows = async (resource: object): Promise<unknown> => {
    const { rules, warnings, patches } = await judge([skipping()], resource)
    return {
      rules: rules.map(({ phase, status, warn }) => `${phase} ${status} ${String(warn)}`),
      warnings: warnings.length,
      patches: patches.length,
    }
  }

  test('skipImageReferences skip with a row where Kyverno finds the image', async () => {
    expect(await rows(podOf('registry.test/app:1'))).toEqual({
      rules: ['mutate skip true', 'validate skip false'],
      warnings: 1,
      patches: 3,
    })
  })

  test('skipImageReferences skip without a row where Kyverno does not find the image', async () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const bySpelling = await judge(
      [skipping(), signed({ imageReferences: ['*'], skipImageReferences: ['*'] })],
      podOf(`registry.test/app@${digest}`),
    )
    expect(bySpelling.rules.filter(({ phase }) => phase === 'mutate').map(({ warn }) => warn)).toEqual([false, true])
    const hidden = {
      ...podOf(),
      spec: { containers: [], volumes: [{ name: 'v', image: { reference: 'registry.test/app:1' } }] },
    }
    expect(await rows(hidden)).toMatchObject({ rules: [], patches: 0 })
  })
})

describe('reportProperties', () => {
  const properties = async (
    reportProperties: object,
    rule: object = {},
    options: Omit<ImageVerifierOptions, 'policies'> = {},
  ): Promise<unknown> =>
    (
      await judge([signed()], podOf('registry.test/app:1'), { parts: { rule: { reportProperties, ...rule } }, options })
    ).rules.map(({ properties: of }) => of)

  test('reportProperties are substituted for the rows of a rule', async () => {
    expect(await properties({ by: 'pod {{ request.object.metadata.name }}' })).toEqual([
      { by: 'pod app' },
      { by: 'pod app' },
    ])
  })

  test('reportProperties are not substituted if the rule does not apply', async () => {
    const preconditions = { all: [{ key: 'a', operator: 'Equals', value: 'b' }] }
    expect(await properties({ by: 'pod {{ request.object.metadata.name }}' }, { preconditions })).toEqual(
      Array.from({ length: 2 }, () => ({ by: 'pod {{ request.object.metadata.name }}' })),
    )
  })

  test('reportProperties are substituted for a rule that an exception skips', async () => {
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
    expect(await properties({ by: '{{ request.object.metadata.name }}' }, {}, { exceptions })).toEqual([
      { by: 'app' },
      { by: 'app' },
    ])
  })

  test('reportProperties are not substituted at all if one of them is not a string afterwards', async () => {
    const written = { by: '{{ request.object.metadata.name }}', how: '{{ request.object.spec }}' }
    expect(await properties(written)).toEqual([written])
  })
})

describe('the message about attestations', () => {
  const SCAN = 'https://example.com/scan'
  const message = async (entry: object): Promise<string | undefined> => {
    world.image('registry.test/scanned:1').attestedBy(world.key('release'), SCAN, {})
    const entries = [
      {
        imageReferences: ['registry.test/*'],
        mutateDigest: false,
        verifyDigest: false,
        attestations: [{ type: SCAN, attestors: [{ entries: [keyAttestor(world.key('release'))] }] }],
        ...entry,
      },
    ]
    return (await judge(entries, podOf('registry.test/scanned:1'))).rules[0]?.message
  }

  test('the message about attestations differs with `validate`, unless that is empty', async () => {
    expect(
      await message({
        validate: { message: 'no', deny: { conditions: { any: [{ key: 'a', operator: 'Equals', value: 'b' }] } } },
      }),
    ).toBe('verifyImages validation is passed in check rule')
    expect(await message({ validate: {} })).toContain('verified image attestations for registry.test/scanned:1')
  })
})

describe('fields that Go drops in JSON', () => {
  test("empty annotations of an attestor do not take the place of the entry's", async () => {
    const entry = (annotations: object): object => {
      const attestor = { ...keyAttestor(world.key('release')), ...annotations }
      return {
        imageReferences: ['registry.test/*'],
        mutateDigest: false,
        verifyDigest: false,
        annotations: { env: 'prod' },
        attestors: [{ entries: [attestor] }],
      }
    }
    world.image('registry.test/annotated:1').signedBy(world.key('release'), { env: 'prod' })
    expect((await judge([entry({ annotations: {} })], podOf('registry.test/annotated:1'))).admitted).toBe(true)
    for (const annotations of [{}, { annotations: {} }])
      expect((await judge([entry(annotations)], podOf('registry.test/app:1'))).admitted).toBe(false)
  })
})

test('a rule whose name has variables does not find the record under its substituted name, as in Kyverno', async () => {
  const verdict = await judge([signed()], podOf('registry.test/app:1'), {
    parts: { rule: { name: '{{ request.operation }}' } },
  })
  expect(verdict.admitted).toBe(false)
  expect(verdict.rules.map(({ phase, rule, status }) => `${phase} ${rule} ${status}`)).toEqual([
    'mutate CREATE pass',
    'validate {{ request.operation }} fail',
  ])
})
