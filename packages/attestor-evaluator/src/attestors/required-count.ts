import type { AttestorSet } from '@verify-images/policy-parser'

/**
 * How many of a set's entries must hold: all of them when it does not say, or says 0.
 *
 * Nothing, when there is no number of entries that could satisfy it: an empty set, a count below 1 or not whole.
 *
 * @param entryCount how many entries there are, with keys taken apart where they are
 */
export function requiredCount({ count }: AttestorSet, entryCount: number): number | undefined {
  const required = count === undefined || count === 0 ? entryCount : count
  return Number.isSafeInteger(required) && required >= 1 && entryCount >= 1 ? required : undefined
}
