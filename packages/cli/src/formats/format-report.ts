import type { PolicyReport } from '@verify-images/core'
import type { Verified } from './results.ts'

/** Returns the reports of verdicts, as PolicyReport or in the format of OpenReports. */
export function reportOf(verified: readonly Verified[], openreports: boolean): object {
  return reportDocument(verified.map(({ verdict }) => verdict.report({ openreports })))
}

/**
 * Returns reports as one document for `kubectl apply -f -`: one report as it is, several as a List.
 *
 * Reports of images and of objects with `generateName` can have the same name; a number keeps them from overwriting
 * each other.
 */
export function reportDocument(reports: readonly PolicyReport[]): object {
  const [first, ...rest] = reports
  if (first !== undefined && rest.length === 0) return first
  const taken = new Set<string>()
  return { apiVersion: 'v1', kind: 'List', items: reports.map((report) => renamed(report, taken)) }
}

function renamed(report: PolicyReport, taken: Set<string>): PolicyReport {
  const { name, namespace = '' } = report.metadata
  const nameOf = (number: number): string => (number === 1 ? name : `${name}-${String(number)}`)
  let number = 1
  while (taken.has(`${namespace}/${nameOf(number)}`)) number++
  taken.add(`${namespace}/${nameOf(number)}`)
  return { ...report, metadata: { ...report.metadata, name: nameOf(number) } }
}
