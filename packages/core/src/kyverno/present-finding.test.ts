import type { Failure } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import type { RuleFinding, RuleStep } from '../engine/rule-finding.ts'
import type { FindingPlace } from '../engine/ports.ts'
import { isApplied, presentFinding } from './present-finding.ts'

const place: FindingPlace = { phase: 'mutate', policy: 'signed', namespace: 'team', rule: 'check' }
const image = 'registry.test/app:1'
const reason = { code: 'VERIFIER_INTERNAL', message: 'the cause' } as const
const because = (message: string): Failure => ({ kind: 'reason', reason: { ...reason, message }, inconclusive: true })
const evaluation = (step: RuleStep): RuleFinding => ({ kind: 'rule-not-evaluated', step, reason })

test.each<[RuleFinding, string, string, string]>([
  [{ kind: 'preconditions-not-met', message: '' }, 'skip', 'ImageVerify', 'preconditions not met'],
  [{ kind: 'preconditions-not-met', message: 'a; b' }, 'skip', 'ImageVerify', 'preconditions not met; a; b'],
  [
    { kind: 'exempted', exceptions: ['team/a', 'team/b'] },
    'skip',
    'Mutation',
    'rule is skipped due to policy exceptionsteam/a, team/b',
  ],
  [
    { kind: 'image-skipped', image, byName: true },
    'skip',
    'ImageVerify',
    `skipping image reference image ${image}, policy signed ruleName check`,
  ],
  [{ kind: 'image-pinned', image }, 'pass', 'ImageVerify', 'mutated image digest'],
  [
    { kind: 'image-verified', image, verified: { kind: 'signatures' }, evidence: [] },
    'pass',
    'ImageVerify',
    `verified image signatures for ${image}`,
  ],
  [
    { kind: 'image-verified', image, verified: { kind: 'attestations', image: 'r/app@sha256:1' }, evidence: [] },
    'pass',
    'ImageVerify',
    'verified image attestations for r/app@sha256:1',
  ],
  [
    { kind: 'image-verified', image, verified: { kind: 'validation' }, evidence: [] },
    'pass',
    'ImageVerify',
    'verifyImages validation is passed in check rule',
  ],
  [{ kind: 'images-checked', status: 'pass', skipped: [] }, 'pass', 'ImageVerify', 'image verified'],
  [
    { kind: 'images-checked', status: 'pass', skipped: ['a:1', 'b:1'] },
    'pass',
    'ImageVerify',
    'image verified, skipped images: a:1 b:1',
  ],
  [
    { kind: 'images-checked', status: 'skip', skipped: ['a:1'] },
    'skip',
    'ImageVerify',
    'image skipped, skipped images: a:1',
  ],
  [evaluation('labels'), 'error', 'ImageVerify', 'failed to get labels of namespace team: the cause'],
  [evaluation('images'), 'error', 'ImageVerify', 'failed to instantiate handler: failed to extract images: the cause'],
  [evaluation('preconditions'), 'error', 'ImageVerify', 'failed to evaluate preconditions: the cause'],
  [evaluation('variables'), 'error', 'ImageVerify', 'failed to substitute variables: the cause'],
  [evaluation('credentials'), 'error', 'ImageVerify', 'failed to fetch secrets: the cause'],
  [evaluation('evaluation'), 'error', 'ImageVerify', 'failed to evaluate rule: the cause'],
  [
    {
      kind: 'image-denied',
      image,
      denial: { kind: 'conditions-hold', message: 'too many findings', reason: { ...reason, code: 'VERIFIER_DENIED' } },
    },
    'fail',
    'ImageVerify',
    'validation in verifyImages failed: too many findings',
  ],
  [
    { kind: 'image-denied', image, denial: { kind: 'conditions-hold', message: '', reason } },
    'fail',
    'ImageVerify',
    'validation in verifyImages failed: validation error: imageVerify  failed',
  ],
  [
    { kind: 'image-denied', image, denial: { kind: 'conditions-failed', message: '', reason } },
    'fail',
    'ImageVerify',
    'validation in verifyImages failed: failed to check deny conditions: the cause',
  ],
  [
    { kind: 'digest-unresolved', image, reason, cause: because('no such host') },
    'error',
    'ImageVerify',
    `failed to update digest: failed to fetch image reference: ${image}, error: no such host`,
  ],
  [
    { kind: 'digest-missing', image, reason, inconclusive: false },
    'fail',
    'ImageVerify',
    `missing digest for ${image}`,
  ],
  [{ kind: 'image-unverified', image, reason, inconclusive: true }, 'fail', 'ImageVerify', `unverified image ${image}`],
])('%j is the row %s %s “%s”', (finding, status, type, message) => {
  expect(presentFinding(finding, place)).toMatchObject({ status, type, message })
})

test('a failure because of checks that could not be made is inconclusive', () => {
  const outcomeOf = (finding: RuleFinding): string => presentFinding(finding, place).outcome
  expect(outcomeOf({ kind: 'image-unverified', image, reason, inconclusive: true })).toBe('inconclusive')
  expect(outcomeOf({ kind: 'image-unverified', image, reason, inconclusive: false })).toBe('rejected')
  expect(outcomeOf(evaluation('evaluation'))).toBe('inconclusive')
  const denial = { message: '', reason }
  expect(outcomeOf({ kind: 'image-denied', image, denial: { kind: 'conditions-hold', ...denial } })).toBe('rejected')
  expect(outcomeOf({ kind: 'image-denied', image, denial: { kind: 'conditions-failed', ...denial } })).toBe(
    'inconclusive',
  )
})

test("a rule that was not evaluated before the deadline has Go's text for a deadline", () => {
  const late = { code: 'VERIFIER_DEADLINE_EXCEEDED', message: 'ended by its deadline' } as const
  expect(presentFinding({ kind: 'rule-not-evaluated', step: 'evaluation', reason: late }, place).message).toBe(
    'failed to evaluate rule: context deadline exceeded',
  )
})

test('a reason where only we deny names the row of docs/differences.md, unless it has one of its own', () => {
  const divergence = { kyverno: 'pass', difference: 'S3' } as const
  const rowsOf = (finding: RuleFinding): unknown[] =>
    presentFinding(finding, place).reasons.map(({ difference }) => difference)
  expect(rowsOf({ kind: 'digest-unresolved', image, reason, cause: because(''), divergence })).toEqual(['S3'])
  expect(
    rowsOf({
      kind: 'digest-unresolved',
      image,
      reason: { ...reason, difference: 'S12' },
      cause: because(''),
      divergence,
    }),
  ).toEqual(['S12'])
  expect(rowsOf({ kind: 'digest-unresolved', image, reason, cause: because('') })).toEqual([undefined])
})

test('with applyRules: One a rule counts as applied if it passes or fails in Kyverno, not here', () => {
  const failing = { kind: 'digest-missing', image, reason, inconclusive: false } as const
  const applies = (finding: RuleFinding): boolean => isApplied(finding, presentFinding(finding, place))
  expect(applies(failing)).toBe(true)
  expect(applies({ ...failing, divergence: { kyverno: 'nothing', difference: 'S15' } })).toBe(false)
  expect(applies({ ...failing, divergence: { kyverno: 'pass', difference: 'S3' } })).toBe(true)
  expect(applies({ kind: 'image-skipped', image, byName: false })).toBe(false)
  expect(applies(evaluation('images'))).toBe(false)
})
