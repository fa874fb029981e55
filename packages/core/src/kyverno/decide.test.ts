import type { Policy } from '@verify-images/policy-parser'
import { expect, test } from 'vitest'
import { blocks, combineOutcomes, failurePolicyOf } from './decide.ts'
import type { PolicyResponse } from '../engine/ports.ts'
import type { RuleOutcome, RuleResult, RuleStatus } from '../verdict/rule-result.ts'

interface RowSpec {
  readonly status: RuleStatus
  readonly outcome?: RuleOutcome
  readonly enforce?: boolean
  readonly failurePolicy?: 'Ignore' | 'Fail'
}

function response({
  status,
  outcome = status === 'fail' ? 'rejected' : status === 'error' ? 'inconclusive' : 'accepted',
  enforce = true,
  failurePolicy = 'Fail',
}: RowSpec): PolicyResponse {
  const row: RuleResult = {
    phase: 'mutate',
    policy: 'p',
    rule: 'r',
    type: 'ImageVerify',
    status,
    outcome,
    message: '',
    reasons: [],
    evidence: [],
    warn: false,
  }
  return { policy: { spec: { failurePolicy } } as unknown as Policy, rows: [row], enforces: () => enforce }
}

test.each<[string, readonly RowSpec[], boolean]>([
  ['a failure under Enforce', [{ status: 'fail' }], true],
  ['a failure under Audit', [{ status: 'fail', enforce: false }], false],
  ['an error under Fail and Audit', [{ status: 'error', enforce: false }], true],
  ['an error under Ignore', [{ status: 'error', failurePolicy: 'Ignore' }], false],
  [
    'an error under Ignore beside a policy with Fail',
    [{ status: 'error', failurePolicy: 'Ignore' }, { status: 'pass' }],
    true,
  ],
  ['a skip', [{ status: 'skip' }], false],
  ['no rows', [], false],
])('%s, as rows %j, blocks: %s', (_, given, expected) => {
  expect(blocks(given.map(response))).toBe(expected)
})

test.each<[string, readonly RowSpec[], RuleOutcome]>([
  ['all passed', [{ status: 'pass' }, { status: 'skip' }], 'accepted'],
  [
    'the only blocking row could not be checked',
    [{ status: 'error' }, { status: 'fail', enforce: false }],
    'inconclusive',
  ],
  ['a rejected row beside one that could not be checked', [{ status: 'error' }, { status: 'fail' }], 'rejected'],
  ['a failure because a check could not be made', [{ status: 'fail', outcome: 'inconclusive' }], 'inconclusive'],
  ['a failure under Audit, which does not block', [{ status: 'fail', enforce: false }], 'rejected'],
])('%s, as rows %j, is %s', (_, given, expected) => {
  expect(combineOutcomes(given.map(response))).toBe(expected)
})

test('webhookConfiguration.failurePolicy overrides the deprecated field, and the default is Fail', () => {
  const policy = (spec: object): Policy => ({ spec }) as unknown as Policy
  expect(failurePolicyOf(policy({ failurePolicy: 'Fail', webhookConfiguration: { failurePolicy: 'Ignore' } }))).toBe(
    'Ignore',
  )
  expect(failurePolicyOf(policy({ failurePolicy: 'Ignore' }))).toBe('Ignore')
  expect(failurePolicyOf(policy({}))).toBe('Fail')
})
