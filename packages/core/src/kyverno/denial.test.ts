import type { Policy } from '@verify-images/policy-parser'
import { expect, test } from 'vitest'
import { denialText } from './denial.ts'
import type { RuleResult } from '../verdict/rule-result.ts'

type Row = readonly [rule: string, status: RuleResult['status'], message: string]
const response = (name: string, ...rows: readonly Row[]): Parameters<typeof denialText>[1][number] => ({
  policy: { name } as Policy,
  rows: rows.map(([rule, status, message]) => ({
    phase: 'mutate',
    policy: name,
    rule,
    type: 'ImageVerify',
    status,
    outcome: 'rejected',
    message,
    reasons: [],
    evidence: [],
    warn: false,
  })),
})
const pod = { kind: 'Pod', namespace: 'default', name: 'app' }
const text = (yaml: string): string =>
  `\n\nresource Pod/default/app was blocked due to the following policies \n\n${yaml}`

test('lists policies and rules in order without those that passed or were skipped', () => {
  expect(
    denialText(pod, [
      response('zeta', ['r', 'fail', 'one']),
      response('alpha', ['s', 'error', 'two'], ['a', 'pass', 'x'], ['b', 'skip', 'y']),
    ]),
  ).toBe(text('alpha:\n  s: two\nzeta:\n  r: one\n'))
})

test('keeps the last message of a rule, as Kyverno does', () => {
  expect(denialText(pod, [response('p', ['r', 'fail', 'first'], ['r', 'fail', 'last'])])).toBe(text('p:\n  r: last\n'))
})

test('lists the last of two policies with one name that has a failure, as Kyverno does', () => {
  const [one, two, silent] = [
    response('p', ['a', 'fail', 'one']),
    response('p', ['b', 'fail', 'two']),
    response('p', ['c', 'pass', 'three']),
  ]
  expect(denialText(pod, [one, two, silent])).toBe(text('p:\n  b: two\n'))
})

test('lists a Policy rather than a ClusterPolicy of the same name, in whichever order they are given', () => {
  const clusterWide = response('p', ['a', 'fail', 'one'])
  const namespaced = { ...response('p', ['b', 'fail', 'two']), policy: { name: 'p', namespace: 'default' } as Policy }
  for (const order of [
    [clusterWide, namespaced],
    [namespaced, clusterWide],
  ])
    expect(denialText(pod, order)).toBe(text('p:\n  b: two\n'))
})

test('writes YAML as Go does: keys in natural order, and quoted where YAML 1.1 would not read a string', () => {
  const responses = [
    response('p10', ['r', 'fail', 'a: b'], ['no', 'fail', 'one\ntwo']),
    response('p9', ['__proto__', 'fail', 'not good 🙂']),
  ]
  expect(denialText(pod, responses)).toBe(
    text('p9:\n  __proto__: "not good \\U0001F642"\np10:\n  "no": |-\n    one\n    two\n  r: \'a: b\'\n'),
  )
})
