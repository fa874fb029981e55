import { expect, test } from 'vitest'
import { denialText } from './denial.ts'
import type { RuleResult } from './rule-result.ts'

const row = (policy: string, rule: string, status: RuleResult['status'], message: string): RuleResult =>
  ({ phase: 'mutate', policy, rule, type: 'ImageVerify', status, outcome: 'rejected', message, reasons: [], evidence: [], warn: false })
const pod = { kind: 'Pod', namespace: 'default', name: 'app' }
const text = (yaml: string): string => `\n\nresource Pod/default/app was blocked due to the following policies \n\n${yaml}`

test('names policies and rules in order, and leaves out what passed or was skipped', () => {
  expect(denialText(pod, [row('zeta', 'r', 'fail', 'one'), row('alpha', 's', 'error', 'two'), row('alpha', 'a', 'pass', 'x'), row('alpha', 'b', 'skip', 'y')]))
    .toBe(text('alpha:\n  s: two\nzeta:\n  r: one\n'))
})

test('keeps the last message of a rule, as upstream does', () => {
  expect(denialText(pod, [row('p', 'r', 'fail', 'first'), row('p', 'r', 'fail', 'last')])).toBe(text('p:\n  r: last\n'))
})

test.each([
  ['a: b', "'a: b'"],
  ["it's: so", "'it''s: so'"],
  ['plain words', 'plain words'],
  ['one\ntwo', '|-\n    one\n    two'],
  ['"quoted"', `'"quoted"'`],
])('writes %j as Go\'s YAML library does', (message, yaml) => {
  expect(denialText(pod, [row('p', 'r', 'fail', message)])).toBe(text(`p:\n  r: ${yaml}\n`))
})
