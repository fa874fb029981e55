import { describe, expect, test } from 'vitest'
import { parsePolicies } from '../parse-policies.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

/** Policies that two readers could read in two ways, and names that mean something to JavaScript. */
const attacked = attackedWorld()
const pod = podOf('registry.test/app:1')

const indent = (text: string, by: number): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}`)
    .join('\n')
function yaml({
  tlog = 'true',
  count = '1',
  set = 'attestors',
  more = '',
  entries,
}: { tlog?: string; count?: string; set?: string; more?: string; entries?: string } = {}): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: signed
spec:
  validationFailureAction: Enforce
  background: false
  rules:
  - name: check
    match:
      any:
      - resources:
          kinds: [Pod]
    verifyImages:
    - imageReferences: ['registry.test/*']
      ${set}:
      - count: ${count}
        entries:${
          entries ??
          `
        - keys:
            publicKeys: |
${indent(attacked.world.key('release').publicKey, 14)}
            rekor:
              ignoreTlog: ${tlog}
            ctlog:
              ignoreSCT: true`
        }
${more}`
}

async function judged(text: string, signed: boolean): Promise<boolean | string> {
  const image = attacked.world.image('registry.test/app:1').unsigned()
  if (signed) image.signedBy(attacked.world.key('release'))
  try {
    return (await attacked.judge(parsePolicies(text), pod)).admitted
  } catch (error) {
    expect(error).toMatchObject({ name: 'PolicyError', code: expect.stringMatching(/^POLICY_/) as string })
    return 'refused'
  }
}

test('control: the policy as intended admits', async () => {
  expect(await judged(yaml(), true)).toBe(true)
  expect(await judged(yaml(), false)).toBe(false)
})

describe('values of YAML 1.1 are read as Kubernetes reads them', () => {
  test.each<[string, Parameters<typeof yaml>[0], boolean | string]>([
    ['a count in hexadecimal', { count: '0x1' }, true],
    ['a count in octal', { count: '01' }, true],
    ['a count that is a string', { count: '"1"' }, 'refused'],
    ['a count with a fraction', { count: '1.5' }, 'refused'],
    ['a count that is a date', { count: '2001-01-01' }, 'refused'],
    ['no for false, so the log is required', { tlog: 'no' }, false],
    ['off for false, so the log is required', { tlog: 'off' }, false],
    ['yes for true', { tlog: 'yes' }, true],
    ['a string for a flag', { tlog: '"yes"' }, 'refused'],
    ['a tag of JavaScript', { tlog: '!!js/function "() => true"' }, 'refused'],
    ['another tag of JavaScript', { count: '!!js/undefined ""' }, 'refused'],
  ])('%s', async (_, parts, expected) => {
    expect(await judged(yaml(parts), true)).toBe(expected)
    expect(await judged(yaml(parts), false)).not.toBe(true)
  })
})

describe('text that two readers read differently is refused', () => {
  test.each<[string, () => string]>([
    ['a second list of attestors', () => yaml({ more: '      attestors: []\n' })],
    ['a second list of attestors, merged', () => yaml({ more: '      <<: {attestors: []}\n      attestors: []\n' })],
    ['a key that is repeated in quotes', () => yaml({ more: '      "attestors": []\n' })],
    ['a second array of rules', () => `${yaml()}\n  rules: []\n`],
    ['a second document behind an end mark', () => `${yaml()}\n...\n${yaml({ entries: ' []' })}`],
    [
      'JSON with a key twice',
      () =>
        '{"apiVersion":"kyverno.io/v1","kind":"ClusterPolicy","metadata":{"name":"a"},"spec":{"rules":[]},"spec":{}}',
    ],
  ])('%s', async (_, text) => {
    expect(await judged(text(), true)).toBe('refused')
    expect(await judged(text(), false)).toBe('refused')
  })

  test('two documents with one name are two policies, and both are evaluated', async () => {
    const strict = yaml()
    const empty = strict.replace(
      / {4}verifyImages:[\s\S]*$/,
      "    verifyImages:\n    - imageReferences: ['other.test/*']\n",
    )
    for (const text of [`${strict}\n---\n${empty}`, `${empty}\n---\n${strict}`])
      expect(await judged(text, false)).not.toBe(true)
  })
})

describe('names of prototypes are ordinary keys', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString']

  test.each(names)('%s in a policy is an unknown field, or a key like any other', async (name) => {
    for (const more of [
      `      ${name}: {attestors: [], required: false}\n`,
      `      <<: {${name}: {required: false}}\n`,
      `  ${name}: {rules: []}\n`,
    ]) {
      expect(await judged(yaml({ more }), false), more).not.toBe(true)
    }
    // Kubernetes has no annotation that begins or ends with `_`.
    expect(await judged(yaml().replace('  name: signed', `  name: signed\n  annotations: {${name}: x}`), true)).toBe(
      name === '__proto__' ? 'refused' : true,
    )
  })

  test.each(names.filter((name) => name !== '__proto__'))(
    '%s in an object is an ordinary label, name and annotation',
    async (name) => {
      const image = attacked.world.image('registry.test/app:1').unsigned()
      const own = JSON.parse(`{${JSON.stringify(name)}:"x"}`) as object
      const object = {
        ...pod,
        metadata: { name: 'app', namespace: 'default', labels: own, annotations: own },
        spec: { ...pod.spec, ...(JSON.parse(`{${JSON.stringify(name)}:{"containers":[]}}`) as object) },
      }
      const policies = policyOf([signedBy([attacked.world.key('release')])], {
        rule: { match: { any: [{ resources: { kinds: ['Pod'], selector: { matchLabels: own } } }] } },
      })
      expect(await attacked.judge(policies, object)).toMatchObject({ admitted: false, unmatched: false })
      expect((await attacked.judge(policies, pod)).unmatched).toBe(true)
      image.signedBy(attacked.world.key('release'))
      expect((await attacked.judge(policies, object)).admitted).toBe(true)
    },
  )

  test.each(names)('%s is an ordinary name of an annotation that must be signed', async (name) => {
    const { world } = attacked
    const wanted = JSON.parse(`{${JSON.stringify(name)}:"x"}`) as Record<string, string>
    const policies = policyOf([signedBy([world.key('release')], { annotations: wanted })])
    world.image('registry.test/app:1').signedBy(world.key('release'))
    expect((await attacked.judge(policies, pod)).admitted).toBe(false)
    world
      .image('registry.test/app:1')
      .unsigned()
      .signedBy(world.key('release'), JSON.parse(`{${JSON.stringify(name)}:"x"}`) as Record<string, string>)
    expect((await attacked.judge(policies, pod)).admitted).toBe(true)
  })

  test('Object.prototype is unchanged after all of these policies and objects', () => {
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual([
      '__defineGetter__',
      '__defineSetter__',
      '__lookupGetter__',
      '__lookupSetter__',
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'isPrototypeOf',
      'propertyIsEnumerable',
      'toLocaleString',
      'toString',
      'valueOf',
    ])
  })
})
