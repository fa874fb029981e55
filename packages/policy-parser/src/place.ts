import type { YamlPlace } from '@verify-images/primitives'
import type { Position } from './model.ts'

export type PathKey = string | number

const PLAIN_KEY = /^[A-Za-z_][\w-]*$/

/** Formats a path: `spec.rules[0].name`; other keys in brackets, `annotations["a.b/c"]`. */
export function formatPath(keys: readonly PathKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`
    if (!PLAIN_KEY.test(key)) return `${path}[${JSON.stringify(key)}]`
    return path === '' ? key : `${path}.${key}`
  }, '')
}

/** Parses a formatted path; for a malformed path returns the keys of its valid beginning. */
export function parsePath(path: string): PathKey[] {
  const keys: PathKey[] = []
  let rest = path
  while (rest !== '') {
    const match = /^\.?(?:([\w-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\])/.exec(rest)
    if (match === null) break
    const [whole, name, index, quoted] = match
    const key = name ?? (index !== undefined ? Number(index) : unquote(quoted ?? ''))
    if (key === undefined) break
    keys.push(key)
    rest = rest.slice(whole.length)
  }
  return keys
}

function unquote(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Returns the offset of a path: of the key of an entry, or of an item; of the nearest parent if there is no such value.
 */
export function offsetOf(place: YamlPlace, keys: readonly PathKey[]): number {
  let at = place
  for (const key of keys) {
    const next = typeof key === 'number' ? at.items?.[key] : at.entries?.get(key)
    if (next === undefined) break
    at = next
  }
  return at.offset
}

/** Maps offsets to lines and columns, both from 1; a line ends with LF, CR or CRLF. */
export class LineTable {
  private starts: number[] | undefined
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  positionAt(offset: number): Position {
    this.starts ??= lineStarts(this.text)
    let low = 0
    let high = this.starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1)
  }
  return starts
}
