import type { PolicyReport } from '@verify-images/core'

/**
 * Reports as one document that `kubectl apply -f -` takes: one as it is, several as a List. Images, and objects whose names are yet to be made, share the
 * name of their report; a number keeps one from overwriting another.
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
