import type { Policy } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'

/** Signed statements whose values are made to satisfy conditions, or to slip past them. */
const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const pod = {
  ...podOf('registry.test/app:1'),
  metadata: { name: 'app', namespace: 'default', labels: { tier: 'prod' } },
}

function policies({
  conditions,
  deny,
}: {
  readonly conditions?: readonly object[]
  readonly deny?: object
}): readonly Policy[] {
  return policyOf([
    {
      imageReferences: ['registry.test/*'],
      attestations: [
        {
          name: 'scan',
          type: SCAN,
          attestors: [{ entries: [keyAttestor(attacked.world.key('release'))] }],
          ...(conditions && { conditions }),
        },
      ],
      ...(deny && { validate: { message: 'denied', deny: { conditions: { any: [deny] } } } }),
    },
  ])
}

async function admits(predicate: unknown, rules: Parameters<typeof policies>[0]): Promise<boolean> {
  attacked.world.image('registry.test/app:1').unsigned().attestedBy(attacked.world.key('release'), SCAN, predicate)
  const verdict = await attacked.judge(policies(rules), pod)
  expect(verdict.rules.every(({ status }) => status === 'pass')).toBe(verdict.admitted)
  return verdict.admitted
}

const allOf = (key: string, operator: string, value: unknown): { conditions: object[] } => ({
  conditions: [{ all: [{ key, operator, value }] }],
})

describe('an attested wildcard or range is not a pattern', () => {
  const allowed = ['https://ci.test/release', 'https://ci.test/nightly']
  test.each(['AnyIn', 'AllIn', 'In'])('%s', async (operator) => {
    expect(await admits({ id: allowed[0] }, allOf('{{ id }}', operator, allowed))).toBe(true)
    for (const id of [
      '*',
      '?*',
      'https://ci.test/*',
      'https://ci.test/releas?',
      ['*'],
      ['*', allowed[0]],
      '["*"]',
      'https://ci.test/release,https://evil.test',
    ]) {
      expect(await admits({ id }, allOf('{{ id }}', operator, allowed)), JSON.stringify(id)).toBe(
        operator === 'AnyIn' && Array.isArray(id) && id.length === 2,
      )
    }
  })

  test.each(['NotIn', 'AnyNotIn', 'AllNotIn'])(
    '%s counts an attested pattern that could match the list as found',
    async (operator) => {
      expect(await admits({ id: 'good' }, allOf('{{ id }}', operator, ['bad', 'worse']))).toBe(true)
      expect(await admits({ id: 'bad' }, allOf('{{ id }}', operator, ['bad', 'worse']))).toBe(false)
      expect(await admits({ id: 'b*' }, allOf('{{ id }}', operator, ['bad', 'worse']))).toBe(false)
    },
  )

  test('an attested range is compared as a string', async () => {
    expect(await admits({ score: 50 }, allOf('{{ score }}', 'AnyIn', '1-99'))).toBe(true)
    expect(await admits({ score: '1-99' }, allOf('{{ score }}', 'AnyIn', [50]))).toBe(false)
    expect(await admits({ score: '1-99' }, allOf('{{ score }}', 'Equals', 50))).toBe(false)
  })
})

test('deny is evaluated for every verified statement of a type, not for the first one', async () => {
  const rules = policies({ deny: { key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 } })
  const release = attacked.world.key('release')
  for (const [counts, admitted] of [
    [[0, 0], true],
    [[0, 3], false],
    [[3, 0], false],
  ] as const) {
    const image = attacked.world.image('registry.test/app:1').unsigned()
    for (const critical of counts) image.attestedBy(release, SCAN, { critical })
    const verdict = await attacked.judge(rules, pod)
    expect([counts, verdict.admitted]).toEqual([counts, admitted])
    if (counts[1] === 3)
      expect(verdict.rules[0]?.reasons).toMatchObject([{ code: 'VERIFIER_DENIED', difference: 'deny-every-statement' }])
  }
})

test('conditions must hold for every verified statement of a type, not for the first one', async () => {
  const rules = policies({ conditions: [{ all: [{ key: '{{ critical }}', operator: 'Equals', value: 0 }] }] })
  const release = attacked.world.key('release')
  for (const [counts, admitted] of [
    [[0, 0], true],
    [[0, 3], false],
    [[3, 0], false],
  ] as const) {
    const image = attacked.world.image('registry.test/app:1').unsigned()
    for (const critical of counts) image.attestedBy(release, SCAN, { critical })
    expect([counts, (await attacked.judge(rules, pod)).admitted]).toEqual([counts, admitted])
  }
})

describe('deny denies where the attested value has an unexpected type', () => {
  const odd: readonly unknown[] = [9, true, { a: 1 }, [['high']], null, '', [null], { low: 'low' }]
  test('deny with AnyNotIn denies for any type but an allowed string', async () => {
    const deny = { key: '{{ scan.level }}', operator: 'AnyNotIn', value: ['low', 'medium'] }
    expect(await admits({ level: 'low' }, { deny })).toBe(true)
    for (const level of ['high', ...odd]) expect(await admits({ level }, { deny }), JSON.stringify(level)).toBe(false)
    // Of no levels at all, none is outside of the list.
    expect(await admits({ level: [] }, { deny })).toBe(true)
  })

  test('deny denies where the attested field is missing', async () => {
    expect(await admits({}, { deny: { key: '{{ scan.level }}', operator: 'AnyNotIn', value: ['low'] } })).toBe(false)
    expect(await admits({}, { deny: { key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 } })).toBe(false)
  })

  test('deny with GreaterThan denies for whatever is not a number', async () => {
    const deny = { key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 }
    expect(await admits({ critical: 0 }, { deny })).toBe(true)
    for (const critical of [9, '9', '9 ', 'NaN', 'many', true, { a: 1 }, [9], null, '1m', '1Ki', ''])
      expect(await admits({ critical }, { deny }), JSON.stringify(critical)).toBe(false)
  })

  test('deny with GreaterThan denies for a number beyond the range of a double', async () => {
    const huge = '9'.repeat(400)
    expect(
      await admits({ critical: huge }, { deny: { key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 } }),
    ).toBe(false)
    expect(
      await admits({ critical: '9e400' }, { deny: { key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 } }),
    ).toBe(false)
  })

  test('deny compares durations with durations, and not with numbers', async () => {
    expect(await admits({ age: '1m' }, { deny: { key: '{{ scan.age }}', operator: 'GreaterThan', value: 59 } })).toBe(
      false,
    )
    expect(
      await admits({ age: '90s' }, { deny: { key: '{{ scan.age }}', operator: 'GreaterThan', value: '1m' } }),
    ).toBe(false)
    expect(
      await admits({ age: '30s' }, { deny: { key: '{{ scan.age }}', operator: 'GreaterThan', value: '1m' } }),
    ).toBe(true)
  })
})

describe('a missing value does not satisfy a condition', () => {
  test.each<[string, unknown, Parameters<typeof policies>[0]]>([
    ['a missing field', {}, allOf('{{ critical }}', 'Equals', 0)],
    ['a field that is null', { critical: null }, allOf('{{ critical }}', 'Equals', 0)],
    ['a missing number', {}, allOf('{{ critical }}', 'LessThan', 1)],
    ['a null number', { critical: null }, allOf('{{ critical }}', 'LessThan', 1)],
    ['the length of a missing array', {}, allOf('{{ length(findings) }}', 'Equals', 0)],
    ['a variable in the value', { critical: 0 }, allOf('{{ critical }}', 'Equals', '{{ nothing }}')],
    ['an empty any', { critical: 0 }, { conditions: [{ any: [] }] }],
  ])('%s', async (_, predicate, rules) => {
    expect(
      await admits(
        { critical: 0, findings: [] },
        {
          conditions: [
            {
              all: [
                { key: '{{ critical }}', operator: 'Equals', value: 0 },
                { key: '{{ length(findings) }}', operator: 'Equals', value: 0 },
              ],
            },
          ],
        },
      ),
    ).toBe(true)
    expect(await admits(predicate, rules)).toBe(false)
  })

  test.each(['equals', 'EQUALS', 'NoSuchOperator', '', 'constructor'])(
    'refuses the unknown operator %j',
    (operator) => {
      expect(() => policies(allOf('{{ critical }}', operator, 0))).toThrow(
        expect.objectContaining({ name: 'PolicyError' }),
      )
    },
  )
})

describe('a predicate', () => {
  test.each<[string, object, string, unknown]>([
    [
      'request',
      { request: { object: { metadata: { labels: { tier: 'dev' } } } } },
      '{{ request.object.metadata.labels.tier }}',
      'dev',
    ],
    ['images', { images: { containers: { c0: { tag: 'trusted' } } } }, '{{ images.containers.c0.tag }}', 'trusted'],
    ['image', { image: { tag: 'trusted' } }, '{{ image.tag }}', 'trusted'],
    ['serviceAccountName', { serviceAccountName: 'admin' }, '{{ serviceAccountName }}', 'admin'],
    ["the attestation's own name", { scan: { clean: true }, clean: false }, '{{ scan.clean }}', true],
  ])('a member of a predicate never replaces %s', async (_, predicate, key, value) => {
    expect(await admits({ plain: 1 }, allOf('{{ plain }}', 'Equals', 1))).toBe(true)
    expect(await admits(predicate, allOf(key, 'Equals', value))).toBe(false)
  })

  test('a predicate is visible under the name of its attestation, so no default replaces it', async () => {
    const rules = allOf('{{ scan.critical || `0` }}', 'Equals', 0)
    expect(await admits({ critical: 0 }, rules)).toBe(true)
    expect(await admits({ critical: 9 }, rules)).toBe(false)
    expect(await admits({ critical: 9, scan: { critical: 0 } }, rules)).toBe(false)
    expect(await admits({ critical: 0, scan: {} }, rules)).toBe(false)
  })

  test('a condition that names `element` outside of a loop is refused with the policy', () => {
    expect(() => policies(allOf('{{ element.image }}', 'Equals', 'x'))).toThrow(
      expect.objectContaining({ name: 'PolicyError' }),
    )
  })

  test.each(['__proto__', 'constructor', 'prototype', 'hasOwnProperty'])(
    'a predicate with the member %s changes no prototype',
    async (name) => {
      const predicate: unknown = JSON.parse(`{${JSON.stringify(name)}:{"verified":true,"count":0},"clean":true}`)
      expect(await admits(predicate, allOf('{{ clean }}', 'Equals', true))).toBe(true)
      expect(await admits(predicate, allOf('{{ verified }}', 'Equals', true))).toBe(false)
      expect(Object.hasOwn(Object.prototype, 'verified') || Object.hasOwn(Object.prototype, 'count')).toBe(false)
    },
  )

  test.each([
    "'] || process.exit() || ['",
    '{{ request.object.metadata.labels.tier }}',
    '${process.exit()}',
    '`{}`',
    "{{ random('[a-z]{9}') }}",
    "constructor.constructor('return process')()",
    '@root().x',
    '$(this)',
  ])('the attested string %s is never evaluated', async (text) => {
    expect(
      await admits(
        { text },
        { conditions: [{ all: [{ key: '{{ text }}', operator: 'Equals', value: '{{ text }}' }] }] },
      ),
    ).toBe(true)
    expect(
      await admits({ text }, { conditions: [{ all: [{ key: '{{ text }}', operator: 'Equals', value: 'prod' }] }] }),
    ).toBe(false)
    expect(
      await admits(
        { text, known: { a: 1 } },
        { conditions: [{ all: [{ key: '{{ known."{{ text }}" }}', operator: 'Equals', value: 1 }] }] },
      ),
    ).toBe(false)
  })

  test.each(['constructor(@)', 'toString(@)', '__proto__(@)', "eval('1')"])(
    'refuses the unknown function %s',
    async (expression) => {
      const judged = async (): Promise<boolean> => admits({ clean: true }, allOf(`{{ ${expression} }}`, 'Equals', 1))
      expect(await judged().catch((error: unknown) => (error as Error).name)).not.toBe(true)
    },
  )

  test('members of a predicate named `toJSON` and `toString` are data', async () => {
    expect(
      await admits(
        { thing: { toJSON: 'x', toString: 'y' } },
        allOf('{{ to_string(thing) }}', 'Equals', '{"toJSON":"x","toString":"y"}'),
      ),
    ).toBe(true)
  })

  test('a predicate that is not an object satisfies no condition', async () => {
    for (const predicate of ['clean', ['clean'], 1, null])
      expect(await admits(predicate, allOf('{{ clean }}', 'Equals', true)), JSON.stringify(predicate)).toBe(false)
  })
})

describe('an attestation with the name of another', () => {
  const SBOM = 'https://example.com/sbom'
  const entry = (attestations: readonly (readonly [name: string, type: string, condition?: object])[]): object => ({
    imageReferences: ['registry.test/*'],
    attestations: attestations.map(([name, type, condition]) => ({
      name,
      type,
      attestors: [{ entries: [keyAttestor(attacked.world.key('release'))] }],
      ...(condition && { conditions: [{ all: [condition] }] }),
    })),
  })
  const clean = { key: '{{ scan.critical || `0` }}', operator: 'Equals', value: 0 }
  const judge = async (
    entries: readonly object[],
    critical: number,
    sbom: object = {},
  ): Promise<{ readonly admitted: boolean; readonly rows: unknown }> => {
    const key = attacked.world.key('release')
    attacked.world
      .image('registry.test/app:1')
      .unsigned()
      .attestedBy(key, SCAN, { critical })
      .attestedBy(key, SBOM, sbom)
    const { admitted, rules } = await attacked.judge(policyOf(entries), pod)
    return { admitted, rows: rules.flatMap(({ reasons }) => reasons.flatMap(({ difference }) => difference ?? [])) }
  }

  test('conditions see the predicates that were verified earlier in the entry', async () => {
    const entries = [
      entry([
        ['scan', SCAN],
        ['sbom', SBOM, clean],
      ]),
    ]
    expect((await judge(entries, 0)).admitted).toBe(true)
    expect((await judge(entries, 9)).admitted).toBe(false)
  })

  test.each<[string, () => object[], object]>([
    ['of another entry', () => [entry([['scan', SCAN]]), entry([['sbom', SBOM, clean]])], {}],
    [
      'that comes later',
      () => [
        entry([
          ['sbom', SBOM, clean],
          ['scan', SCAN],
        ]),
      ],
      {},
    ],
    [
      'that its own statement claims',
      () => [
        entry([
          ['scan', SCAN],
          ['sbom', SBOM, clean],
        ]),
      ],
      { scan: { critical: 0 } },
    ],
  ])('conditions do not see a predicate %s, and no default replaces it', async (_, entries, sbom) => {
    expect(await judge(entries(), 0, sbom)).toEqual({
      admitted: false,
      rows: expect.arrayContaining(['S16']) as unknown,
    })
  })

  test.each(['request', 'images', 'lookup'])('an attestation with the name %s never passes', async (name) => {
    const rule = { context: [{ name: 'lookup', variable: { value: { critical: 0 } } }] }
    const key = attacked.world.key('release')
    attacked.world.image('registry.test/app:1').unsigned().attestedBy(key, SCAN, { critical: 9 })
    const denied = await attacked.judge(policyOf([entry([[name, SCAN]])], { rule }), pod)
    expect(denied).toMatchObject({ admitted: false, rules: [{ reasons: [{ difference: 'S16' }] }] })
    expect((await attacked.judge(policyOf([entry([['scan', SCAN]])], { rule }), pod)).admitted).toBe(true)
  })
})

test.each([
  [
    'contain an escaped variable, which Kyverno evaluates after all',
    [{ all: [{ key: '\\{{ request.operation }}', operator: 'NotEquals', value: 'CREATE' }] }],
    'S17',
  ],
  ['require nothing', [{}], 'cnd-empty'],
])('conditions never hold for a statement if they %s', async (_, conditions, difference) => {
  attacked.world
    .image('registry.test/app:1')
    .unsigned()
    .attestedBy(attacked.world.key('release'), SCAN, { clean: true })
  expect(await attacked.judge(policies({ conditions }), pod)).toMatchObject({
    admitted: false,
    rules: [{ reasons: [{ code: 'ATTESTOR_CONDITION_FAILED', difference }] }],
  })
})
