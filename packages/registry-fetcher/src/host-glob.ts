import type { Repository } from './repository.ts'

/** Returns whether a key `host-glob[:port][/path-prefix]` of a pull secret applies to a repository. */
export function matchHostGlob(key: string, target: Repository): boolean {
  const slash = key.indexOf('/')
  const [globs, port] = splitPort(slash < 0 ? key : key.slice(0, slash))
  const [labels, targetPort] = splitPort(target.host)
  return (
    port === targetPort &&
    globs.length === labels.length &&
    (slash < 0 || `/${target.path}`.startsWith(key.slice(slash))) &&
    globs.every((glob, i) => matchLabel(glob.toLowerCase(), labels[i] ?? ''))
  )
}

function splitPort(authority: string): [readonly string[], string] {
  const match = /:(\d+)$/.exec(authority)
  return [authority.slice(0, match?.index ?? authority.length).split('.'), match?.[1] ?? '']
}

/** Matches `*`, `?` and `[a-z]` within one label. Linear except for the last `*`; labels are short. */
function matchLabel(glob: string, label: string): boolean {
  const parts = splitGlob(glob)
  if (parts === undefined) return false
  let at = 0
  let star = -1
  let resume = 0
  for (let i = 0; i < label.length;) {
    if (parts[at] === '*') {
      star = at++
      resume = i
    } else if (matchOne(parts[at], label.charAt(i))) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++resume
    } else return false
  }
  while (parts[at] === '*') at++
  return at === parts.length
}

/** Splits a glob into characters, sets and escapes; returns undefined when a set or an escape does not end. */
function splitGlob(glob: string): readonly string[] | undefined {
  const parts: string[] = []
  for (let at = 0; at < glob.length;) {
    const first = glob.charAt(at)
    const end =
      first === '[' ? glob.indexOf(']', at + (glob[at + 1] === '^' ? 3 : 2)) + 1 : at + (first === '\\' ? 2 : 1)
    if (end <= at || end > glob.length) return undefined
    parts.push(glob.slice(at, end))
    at = end
  }
  return parts
}

function matchOne(part: string | undefined, char: string): boolean {
  if (part === undefined) return false
  if (part === '?') return true
  if (part.startsWith('\\')) return part.slice(1) === char
  if (part.length === 1) return part === char
  const negated = part.startsWith('[^')
  const members = part.slice(negated ? 2 : 1, -1)
  let found = false
  for (let i = 0; i < members.length; i++) {
    const high = members[i + 1] === '-' && i + 2 < members.length ? members.charAt(i + 2) : members.charAt(i)
    if (char >= members.charAt(i) && char <= high) found = true
    if (high !== members.charAt(i)) i += 2
  }
  return found !== negated
}
