import { findReferences } from '../references.ts'

/** A message in which `$(…)` points one template deeper. A reference without the pivot stays as it is. */
export function shiftReferences(message: string, shift: string, pivot: string): string {
  let shifted = message
  let at = pivot
  for (const found of findReferences(message)) {
    const reference = found.startsWith('$(') ? found : found.slice(1)
    const index = reference.indexOf(at)
    if (index < 0) continue
    if (at === 'anyPattern') at = `${at}/${reference.slice(index + at.length + 1).split('/')[0] ?? ''}`
    const lead = found.slice(0, found.length - reference.length)
    const moved = reference.split(at).join(`${at}/${shift}`)
    // A replacement text would give `$` a meaning of its own; a function does not.
    shifted = shifted.replace(found, () => lead + moved)
  }
  return shifted
}
