import type { AttestorEntry } from '@verify-images/policy-parser'

const end = '-----END PUBLIC KEY-----'

/** An entry of a set and its place in the policy. Entries share a place when one field has several keys. */
export interface PlacedEntry {
  readonly entry: AttestorEntry
  readonly position: number
}

/**
 * Returns the entries of a set, those with several PEM keys in one field taken apart: each key is an entry of its own.
 *
 * One key stays the text it was, and what follows the last key is dropped only where there are several, as in Kyverno.
 */
export function expandKeys(entries: readonly AttestorEntry[]): readonly PlacedEntry[] {
  return entries.flatMap((entry, position) => {
    const pieces = (entry.keys?.publicKeys ?? '')
      .split(end)
      .slice(0, -1)
      .map((piece) => `${piece}${end}`)
    if (pieces.length < 2) return [{ entry, position }]
    return pieces.map((publicKeys) => ({ entry: { ...entry, keys: { ...entry.keys, publicKeys } }, position }))
  })
}
