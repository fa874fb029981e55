import { signerNames } from '../identity/signer.ts'
import type { Evidence, Signer } from '../outcome.ts'

/**
 * Returns how many entries of a set can each have a signer of their own.
 *
 * One key is one signer, however often and in whichever form a policy lists it; and an entry that several signers
 * satisfy takes the one that leaves most to the others.
 *
 * @param entries the evidence of each entry that holds
 */
export function countDistinctSigners(entries: readonly (readonly Evidence[])[]): number {
  const personOf = identifyPersons(entries.flat().map(({ signer }) => signer))
  const candidates = entries.map((evidence) => [...new Set(evidence.map(({ signer }) => personOf(signer)))])
  // Kuhn's matching: an entry may take a signer whose present entry finds another one.
  const entryOf = new Map<string, number>()
  const place = (entry: number, tried: Set<string>): boolean =>
    (candidates[entry] ?? []).some((person) => {
      if (tried.has(person)) return false
      tried.add(person)
      const present = entryOf.get(person)
      if (present !== undefined && !place(present, tried)) return false
      entryOf.set(person, entry)
      return true
    })
  return candidates.filter((_, entry) => place(entry, new Set())).length
}

/** Signers that share a name, directly or through others, are one person. */
function identifyPersons(signers: readonly Signer[]): (signer: Signer) => string {
  const parents = new Map<string, string>()
  const root = (name: string): string => {
    let at = name
    for (let parent = parents.get(at); parent !== undefined; parent = parents.get(at)) at = parent
    return at
  }
  const personOf = (signer: Signer): string => root(signerNames(signer)[0])
  for (const signer of signers) {
    const person = personOf(signer)
    for (const name of signerNames(signer).slice(1)) {
      if (root(name) !== root(person)) parents.set(root(name), root(person))
    }
  }
  return personOf
}
