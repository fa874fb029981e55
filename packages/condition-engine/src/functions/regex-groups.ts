/** A pattern without the names of its groups, and which groups had them. */
export interface UnnamedPattern {
  readonly pattern: string
  readonly hasDuplicates: boolean
  /** The numbers of the groups with a name. */
  readonly groups: ReadonlyMap<string, readonly number[]>
}

/** What has to be passed over, or is a group: an escape, a quoted run, a class, an opening parenthesis. */
const PARTS = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]?|\((?:\?P?<(\w+)>)?/gs

/** Finds the named groups. RE2JS refuses a name that occurs twice, Go does not: there the first that matched counts. */
export function unnameGroups(pattern: string): UnnamedPattern {
  const groups = new Map<string, number[]>()
  let count = 0
  let hasDuplicates = false
  const unnamed = pattern.replace(PARTS, (part: string, name: string | undefined, at: number) => {
    if (!part.startsWith('(')) return part
    if (name === undefined) {
      if (pattern[at + 1] !== '?') count++
      return part
    }
    const numbers = groups.get(name) ?? []
    hasDuplicates ||= numbers.length > 0
    groups.set(name, [...numbers, ++count])
    return '('
  })
  return { pattern: unnamed, hasDuplicates, groups }
}
