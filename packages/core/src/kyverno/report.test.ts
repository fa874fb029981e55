import type { Policy } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { readRequest, type AdmissionRequest } from '../request/admission-request.ts'
import { buildReport, reportOf, type ReportSubject } from './report.ts'
import type { RuleResult } from '../verdict/rule-result.ts'

const subject = { apiVersion: 'v1', kind: 'Pod', name: 'app', namespace: 'default' }
const policy = (annotations: Record<string, string> = {}, more: Partial<Policy> = {}): Policy =>
  ({ name: 'signed', labels: {}, annotations, spec: { background: false }, ...more }) as unknown as Policy
const row = (status: RuleResult['status'], more: Partial<RuleResult> = {}): RuleResult => ({
  phase: 'mutate',
  policy: 'signed',
  rule: 'check',
  type: 'ImageVerify',
  status,
  outcome: 'accepted',
  message: 'as it was',
  reasons: [],
  evidence: [],
  warn: false,
  ...more,
})

test('a report has one sorted result per row and a summary that counts them', () => {
  const report = buildReport(
    subject,
    [
      { policy: policy(), row: row('fail', { rule: 'b' }) },
      { policy: policy(), row: row('pass', { rule: 'a' }) },
    ],
    7,
  )
  expect(report).toMatchObject({
    apiVersion: 'wgpolicyk8s.io/v1alpha2',
    kind: 'PolicyReport',
    metadata: { namespace: 'default' },
    scope: subject,
    results: [
      { rule: 'a', result: 'pass', source: 'kyverno', scored: true, timestamp: { seconds: 7, nanos: 0 } },
      { rule: 'b', result: 'fail' },
    ],
    summary: { pass: 1, fail: 1, warn: 0, error: 0, skip: 0 },
  })
})

test.each([
  [false, subject, 'wgpolicyk8s.io/v1alpha2', 'PolicyReport'],
  [false, { ...subject, namespace: undefined }, 'wgpolicyk8s.io/v1alpha2', 'ClusterPolicyReport'],
  [true, subject, 'openreports.io/v1alpha1', 'Report'],
  [true, { ...subject, namespace: undefined }, 'openreports.io/v1alpha1', 'ClusterReport'],
] as const)('openreports %s: %j is a %s %s', (openreports, { namespace, ...rest }, apiVersion, kind) => {
  expect(
    buildReport({ ...rest, ...(namespace === undefined ? {} : { namespace }) }, [], 0, { openreports }),
  ).toMatchObject({ apiVersion, kind })
})

describe('the name of the report of an object without a UID', () => {
  const nameOf = (parts: Partial<ReportSubject>): string =>
    buildReport({ apiVersion: 'v1', kind: 'Pod', name: 'app', namespace: 'default', ...parts }, [], 0).metadata.name
  const isName = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/

  test('the name of a report without a UID is made of kind, namespace and name', () => {
    expect(nameOf({})).toBe('pod-default-app')
  })

  test('the name of a report differs for each object of one `generateName`', () => {
    const [first, second] = ['u1', 'u2'].map((requestUid) => nameOf({ name: 'app-', requestUid }))
    expect([first, second]).toEqual(['pod-default-app-u1', 'pod-default-app-u2'])
  })

  test('the name of a report has at most 253 characters, and differs where the whole names differ', () => {
    const [first = '', second = ''] = ['a', 'b'].map((end) => nameOf({ name: 'x'.repeat(252) + end }))
    for (const name of [first, second]) expect([name.length <= 253, isName.test(name)]).toEqual([true, true])
    expect(first).not.toBe(second)
  })

  test('the name of a report is one that the API server accepts, also for a role with colons', () => {
    expect(nameOf({ kind: 'ClusterRole', name: 'system:admin' })).toMatch(isName)
  })
})

test('an object of a request that has only `generateName` is reported under it', async () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'app-', namespace: 'default' } }
  const report = reportOf(readRequest(object, { uid: '7d0c' }), [], new Date(0), {})
  expect(report.metadata.name).toBe('pod-default-app-7d0c')
  expect(report.scope).toEqual({ apiVersion: 'v1', kind: 'Pod', name: 'app-', namespace: 'default' })
})

test('a failure of an unscored policy is a warning', () => {
  const report = buildReport(
    subject,
    [{ policy: policy({ 'policies.kyverno.io/scored': 'false' }), row: row('fail') }],
    0,
  )
  expect(report.results).toMatchObject([{ result: 'warn', scored: false }])
  expect(report.summary).toMatchObject({ warn: 1, fail: 0 })
})

test('category and severity come from the policy, and an unknown severity is left out', () => {
  const results = (severity: string): object | undefined =>
    buildReport(
      subject,
      [
        {
          policy: policy({ 'policies.kyverno.io/category': 'Supply chain', 'policies.kyverno.io/severity': severity }),
          row: row('pass'),
        },
      ],
      0,
    ).results[0]
  expect(results('high')).toMatchObject({ category: 'Supply chain', severity: 'high' })
  expect(results('severe')).not.toHaveProperty('severity')
})

test('reportProperties replace the message, in general or by status', () => {
  const message = (properties: Record<string, string>): string | undefined =>
    buildReport(subject, [{ policy: policy(), row: row('fail', { properties }) }], 0).results[0]?.message
  expect(message({ failMessage: 'mine', message: 'other' })).toBe('other')
  expect(message({ failMessage: 'mine', message: '' })).toBe('mine')
  expect(message({ passMessage: 'mine', message: 'other' })).toBe('other')
  expect(message({ failMessage: '' })).toBe('as it was')
})

test('namespaced policies and exceptions are named as in Kyverno', () => {
  const [result] = buildReport(
    subject,
    [{ policy: policy({}, { namespace: 'team' }), row: row('skip', { exceptions: ['a/x', 'b/y'] }) }],
    0,
  ).results
  expect(result).toMatchObject({ policy: 'team/signed', properties: { exceptions: 'x,y' } })
})

test.each([
  [true, true, 'background scan'],
  [true, false, 'background scan'],
  [false, true, 'admission review'],
  [false, false, ''],
])('background %s, admission %s: the process is %j', (background, admission, process) => {
  const spec = { background, admission } as Policy['spec']
  expect(
    buildReport(subject, [{ policy: policy({}, { spec }), row: row('pass') }], 0).results[0]?.properties['process'],
  ).toBe(process)
})

test('a policy with the label reports.kyverno.io/disabled is left out', () => {
  const request = {
    object: { apiVersion: 'v1', kind: 'Pod' },
    name: 'app',
    namespace: 'default',
  } as unknown as AdmissionRequest
  const labelled = policy({}, { labels: { 'reports.kyverno.io/disabled': '' } })
  expect(
    reportOf(
      request,
      [
        { policy: labelled, rows: [row('pass')] },
        { policy: policy(), rows: [row('fail')] },
      ],
      new Date(0),
      {},
    ).results,
  ).toMatchObject([{ result: 'fail' }])
})
