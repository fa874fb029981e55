import type { PolicyReport } from '@verify-images/core'
import { expect, test } from 'vitest'
import { reportDocument } from './format-report.ts'

const report = (name: string, namespace?: string): PolicyReport => ({
  apiVersion: 'wgpolicyk8s.io/v1alpha2',
  kind: 'PolicyReport',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: {} },
  scope: { apiVersion: 'v1', kind: 'Pod', name },
  results: [],
  summary: { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 },
})

test('returns one report as it is', () => {
  expect(reportDocument([report('a')])).toEqual(report('a'))
})

test('returns several reports as a List in which none overwrites another', () => {
  const document = reportDocument([
    report('a', 'x'),
    report('a', 'x'),
    report('a-2', 'x'),
    report('a', 'y'),
    report('a'),
  ]) as { items: PolicyReport[] }
  expect(document).toMatchObject({ apiVersion: 'v1', kind: 'List' })
  expect(document.items.map(({ metadata: { name, namespace } }) => [namespace, name])).toEqual([
    ['x', 'a'],
    ['x', 'a-2'],
    ['x', 'a-2-2'],
    ['y', 'a'],
    [undefined, 'a'],
  ])
})
