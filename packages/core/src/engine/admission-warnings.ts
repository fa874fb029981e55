import type { PolicyResponse } from './ports.ts'

/** Returns the warnings of an admission: the rows that ask for one, and what a cluster might deny. */
export function admissionWarnings(responses: readonly Pick<PolicyResponse, 'rows'>[]): readonly string[] {
  return [...warningsOf(responses), ...unseenWarnings(responses)]
}

/**
 * Returns a warning for each rule and image that was accepted by evidence in a format Kyverno does not look for: a
 * cluster with the same policies may deny what was admitted here.
 */
function unseenWarnings(responses: readonly Pick<PolicyResponse, 'rows'>[]): readonly string[] {
  const warnings = responses.flatMap(({ rows }) =>
    rows.flatMap(({ policy, rule, image, evidence }) => {
      const formats = new Set(evidence.filter(({ unseenByKyverno }) => unseenByKyverno).map(({ format }) => format))
      if (formats.size === 0) return []
      return [
        `policy ${policy}.${rule}: ${image ?? 'an image'} is verified by a ${[...formats].join(' and a ')}, ` +
          'which Kyverno does not look for',
      ]
    }),
  )
  return [...new Set(warnings)]
}

function warningsOf(responses: readonly Pick<PolicyResponse, 'rows'>[]): readonly string[] {
  return responses.flatMap(({ rows }) =>
    rows.filter(({ warn }) => warn).map(({ policy, rule, message }) => `policy ${policy}.${rule}: ${message}`),
  )
}
