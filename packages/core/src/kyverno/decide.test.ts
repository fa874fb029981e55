import type { Policy } from '@verify-images/policy-parser'
import { expect, test } from 'vitest'
import { blocks, combineOutcomes, failurePolicyOf, type PolicyResponse } from './decide.ts'
import type { RuleOutcome, RuleResult, RuleStatus } from '../verdict/rule-result.ts'

interface Given {
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
}: Given): PolicyResponse {
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

test.each<[string, readonly Given[], boolean]>([
  ['a failure that enforces', [{ status: 'fail' }], true],
  ['a failure that audits', [{ status: 'fail', enforce: false }], false],
  ['an error under Fail, although it audits', [{ status: 'error', enforce: false }], true],
  ['an error under Ignore', [{ status: 'error', failurePolicy: 'Ignore' }], false],
  [
    'an error under Ignore beside a policy that says Fail',
    [{ status: 'error', failurePolicy: 'Ignore' }, { status: 'pass' }],
    true,
  ],
  ['a skip', [{ status: 'skip' }], false],
  ['nothing', [], false],
])('%s blocks: %j → %s', (_, given, expected) => {
  expect(blocks(given.map(response))).toBe(expected)
})

test.each<[string, readonly Given[], RuleOutcome]>([
  ['all passed', [{ status: 'pass' }, { status: 'skip' }], 'accepted'],
  ['only what could not be checked blocks', [{ status: 'error' }, { status: 'fail', enforce: false }], 'inconclusive'],
  ['a refusal beside a doubt', [{ status: 'error' }, { status: 'fail' }], 'rejected'],
  ['a fail that rests on a doubt', [{ status: 'fail', outcome: 'inconclusive' }], 'inconclusive'],
  ['an audited failure, admitted', [{ status: 'fail', enforce: false }], 'rejected'],
])('%s: %j is %s', (_, given, expected) => {
  expect(combineOutcomes(given.map(response))).toBe(expected)
})

test('the failure policy of the webhook configuration wins over the deprecated field, and Fail is what nothing means', () => {
  const policy = (spec: object): Policy => ({ spec }) as unknown as Policy
  expect(failurePolicyOf(policy({ failurePolicy: 'Fail', webhookConfiguration: { failurePolicy: 'Ignore' } }))).toBe(
    'Ignore',
  )
  expect(failurePolicyOf(policy({ failurePolicy: 'Ignore' }))).toBe('Ignore')
  expect(failurePolicyOf(policy({}))).toBe('Fail')
})
