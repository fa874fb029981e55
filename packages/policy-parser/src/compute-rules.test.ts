import { describe, expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { computeRules } from './compute-rules.ts'
import { decodeRule } from './decode-rule.ts'
import type { Policy, Rule } from './model.ts'

type Loose = { readonly [key: string]: Json }

const ENTRY = { imageReferences: ['ghcr.io/acme/*'], attestors: [{ entries: [{ keys: { publicKeys: 'k' } }] }] }
const pods = { any: [{ resources: { kinds: ['Pod'] } }] }

function policy(rules: readonly Loose[], controllers?: string): Policy {
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    name: 'p',
    labels: {},
    annotations: controllers === undefined ? {} : { 'pod-policies.kyverno.io/autogen-controllers': controllers },
    spec: {
      rules: rules.map((rule) => decodeRule({ name: 'check', match: pods, verifyImages: [ENTRY], ...rule })),
      validationFailureAction: 'Audit',
      emitWarning: false,
      admission: true,
      background: true,
    },
    locate: () => undefined,
    findings: [],
  }
}

const names = (rules: readonly Rule[]): string[] => rules.map(({ name }) => name)
const kinds = (rule: Rule | undefined): unknown =>
  rule?.match.any?.[0]?.resources?.kinds ?? rule?.match.resources?.kinds
const rulesOf = (from: Policy, kind: string): Rule[] => computeRules(from, kind).map(({ rule }) => rule)

describe('computeRules', () => {
  test('a rule for Pods gets a generated rule for controllers and one for CronJobs', () => {
    const rules = rulesOf(policy([{}]), '')
    expect(names(rules)).toEqual(['check', 'autogen-check', 'autogen-cronjob-check'])
    expect(kinds(rules[1])).toEqual([
      'apps/v1/DaemonSet',
      'apps/v1/Deployment',
      'batch/v1/Job',
      'apps/v1/ReplicaSet',
      'v1/ReplicationController',
      'apps/v1/StatefulSet',
    ])
    expect(kinds(rules[2])).toEqual(['batch/v1/CronJob'])
  })

  test('rules are generated for one kind only if one is given', () => {
    expect(names(rulesOf(policy([{}]), 'Deployment'))).toEqual(['check', 'autogen-check'])
    expect(names(rulesOf(policy([{}]), 'CronJob'))).toEqual(['check', 'autogen-cronjob-check'])
    expect(names(rulesOf(policy([{}]), 'Pod'))).toEqual(['check'])
    expect(names(rulesOf(policy([{}]), 'deployment'))).toEqual(['check'])
  })

  test.each<[string, Loose]>([
    ['a name', { match: { any: [{ resources: { kinds: ['Pod'], name: 'x' } }] } }],
    ['names', { match: { any: [{ resources: { kinds: ['Pod'], names: ['x'] } }] } }],
    ['an empty selector', { match: { any: [{ resources: { kinds: ['Pod'], selector: {} } }] } }],
    ['empty annotations', { match: { any: [{ resources: { kinds: ['Pod'], annotations: {} } }] } }],
    ['another kind beside Pod', { match: { any: [{ resources: { kinds: ['v1/Pod', 'Deployment'] } }] } }],
    ['a name in exclude', { exclude: { any: [{ resources: { name: 'x' } }] } }],
    ['a generate rule', { generate: { kind: 'ConfigMap' } }],
    ['a JSON patch', { mutate: { patchesJson6902: '- op: remove' } }],
  ])('no rule is generated for a policy in which one rule has %s', (_name, changes) => {
    expect(names(rulesOf(policy([changes, { name: 'other' }]), ''))).toEqual(['check', 'other'])
  })

  test('no rule is generated unless a rule names Pod or a controller literally', () => {
    expect(names(rulesOf(policy([{ match: { any: [{ resources: { kinds: ['v1/Pod'] } }] } }]), ''))).toEqual(['check'])
  })

  test('empty names, namespaces and operations do not prevent generated rules', () => {
    const match = { any: [{ resources: { kinds: ['Pod'], names: [], namespaces: ['a'], operations: ['CREATE'] } }] }
    expect(names(rulesOf(policy([{ match }]), ''))).toHaveLength(3)
  })

  test.each([
    ['none', ['check']],
    ['Deployment', ['check', 'autogen-check']],
    ['Deployment,CronJob', ['check', 'autogen-check', 'autogen-cronjob-check']],
    ['Deployment, CronJob', ['check', 'autogen-check', 'autogen-cronjob-check']],
    ['', ['check']],
    ['Task', ['check', 'autogen-check']],
  ])('the autogen annotation %j chooses the controllers', (annotation, expected) =>
    expect(names(rulesOf(policy([{}], annotation), ''))).toEqual(expected),
  )

  test('unknown controllers of the annotation are kept only without a known one', () => {
    expect(kinds(rulesOf(policy([{}], 'Task'), '')[1])).toEqual(['Task'])
    expect(kinds(rulesOf(policy([{}], 'Task,Job'), '')[1])).toEqual(['batch/v1/Job'])
  })

  test('rules for other kinds stay unchanged, and rules named like generated ones are replaced', () => {
    const rules = rulesOf(
      policy([{}, { name: 'tasks', match: { any: [{ resources: { kinds: ['Task'] } }] } }, { name: 'autogen-old' }]),
      '',
    )
    expect(names(rules)).toEqual(['check', 'tasks', 'autogen-check', 'autogen-cronjob-check'])
  })

  test('a generated rule has new kinds in blocks with Pods, for CronJobs in every block', () => {
    const match = { any: [{ resources: { kinds: ['Pod'] } }, { resources: { kinds: ['Task'] } }] }
    const [, controllers, cronJobs] = rulesOf(policy([{ match }], 'Job,CronJob'), '')
    expect(controllers?.match.any?.map((block) => block.resources?.kinds)).toEqual([['batch/v1/Job'], ['Task']])
    expect(cronJobs?.match.any?.map((block) => block.resources?.kinds)).toEqual([
      ['batch/v1/CronJob'],
      ['batch/v1/CronJob'],
    ])
  })

  test('a generated rule has the paths of a Pod moved into the template', () => {
    const preconditions = {
      all: [
        {
          key: '{{ request.object.spec.x }} request.oldObject.metadata.y',
          operator: 'Equals',
          value: { 'request.object.spec': 1 },
        },
      ],
    }
    const [, controllers, cronJobs] = rulesOf(policy([{ preconditions }]), '')
    expect(controllers?.preconditions).toEqual({
      all: [
        {
          key: '{{ request.object.spec.template.spec.x }} request.oldObject.spec.template.metadata.y',
          operator: 'Equals',
          value: { 'request.object.spec.template.spec': 1 },
        },
      ],
    })
    expect(JSON.stringify(cronJobs?.preconditions)).toContain('request.object.spec.jobTemplate.spec.template.spec.x')
  })

  test('a generated rule drops extractors and empty arrays, and keeps the rest', () => {
    const [own, generated] = rulesOf(
      policy([
        {
          imageExtractors: { Pod: [{ path: '/x' }] },
          preconditions: { any: [], all: [{ key: 'a', operator: 'Equals', value: 1 }] },
          verifyImages: [{ ...ENTRY, mutateDigest: true }],
        },
      ]),
      '',
    )
    expect(own?.imageExtractors).toBeDefined()
    expect(generated?.imageExtractors).toBeUndefined()
    expect(generated?.preconditions).toEqual({ all: [{ key: 'a', operator: 'Equals', value: 1 }] })
    expect(generated?.verifyImages?.[0]).toMatchObject({ mutateDigest: true, required: false })
  })

  test('each computed rule names its origin, also if names are cut or replaced', () => {
    const long = '日'.repeat(30)
    const computed = computeRules(policy([{ name: 'autogen-old' }, { name: 'first' }, { name: long }]), '')
    expect(computed.map(({ rule: { name }, origin }) => [name.slice(0, 17), origin])).toEqual([
      ['first', 1],
      [long.slice(0, 17), 2],
      ['autogen-first', 1],
      ['autogen-cronjob-f', 1],
      [`autogen-${'日'.repeat(9)}`, 2],
      ['autogen-cronjob-日', 2],
    ])
    const alone = computeRules(policy([{ name: 'first' }, { name: 'autogen-old' }], 'none'), '')
    expect(alone.map(({ rule: { name }, origin }) => [name, origin])).toEqual([
      ['first', 0],
      ['autogen-old', 1],
    ])
  })

  test('names of generated rules are cut to 63 bytes, also inside a character', () => {
    expect(rulesOf(policy([{ name: 'x'.repeat(63) }]), '')[1]?.name).toBe(`autogen-${'x'.repeat(55)}`)
    expect(rulesOf(policy([{ name: '日'.repeat(30) }]), '')[1]?.name).toBe(`autogen-${'日'.repeat(18)}\u{FFFD}`)
  })

  test('patterns of generated validate and mutate rules are wrapped in the template', () => {
    const validate = rulesOf(
      policy([{ verifyImages: null, validate: { message: 'see $(./../pattern/a)', pattern: { spec: 1 } } }]),
      '',
    )
    expect(validate[1]?.validate).toMatchObject({
      pattern: { spec: { template: { spec: 1 } } },
      message: 'see $(./../pattern/spec/template/a)',
    })
    expect(validate[2]?.validate).toMatchObject({
      pattern: { spec: { jobTemplate: { spec: { template: { spec: 1 } } } } },
    })
    const mutate = rulesOf(policy([{ verifyImages: null, mutate: { patchStrategicMerge: { spec: 1 } } }]), '')
    expect(mutate[1]?.mutate).toEqual({ patchStrategicMerge: { spec: { template: { spec: 1 } } } })
  })

  test('computing rules does not change the policy', () => {
    const given = policy([{}])
    const before = JSON.stringify(given.spec)
    rulesOf(given, '')
    expect(JSON.stringify(given.spec)).toBe(before)
  })
})
