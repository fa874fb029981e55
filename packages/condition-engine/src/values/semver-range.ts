import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import { compareVersions, parseVersion, type Version } from './semver.ts'

/** Whether a version lies in the range. */
export type VersionRange = (version: Version) => boolean

const COMPARATORS: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['', (order) => order === 0],
  ['=', (order) => order === 0],
  ['==', (order) => order === 0],
  ['!', (order) => order !== 0],
  ['!=', (order) => order !== 0],
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
])

/**
 * The meaning of a comparator on `1.x` or `1.2.x`: its bounds, and whether each is the next version rather than this
 * one.
 */
const ON_WILDCARDS: ReadonlyMap<string, readonly (readonly [comparator: string, next: boolean])[]> = new Map([
  ['>', [['>=', true]]],
  ['>=', [['>=', false]]],
  ['<', [['<', false]]],
  ['<=', [['<', true]]],
  [
    '',
    [
      ['>=', false],
      ['<', true],
    ],
  ],
  [
    '=',
    [
      ['>=', false],
      ['<', true],
    ],
  ],
  [
    '==',
    [
      ['>=', false],
      ['<', true],
    ],
  ],
  [
    '!',
    [
      ['<', false],
      ['>=', true],
    ],
  ],
  [
    '!=',
    [
      ['<', false],
      ['>=', true],
    ],
  ],
])

/**
 * Parses a range such as `>=1.0.0 <2.0.0 || 3.x`. Returns `undefined` if it is not one.
 *
 * As in the library, a single character between spaces is ignored (`1.0.0 - 2.0.0` requires both versions at once,
 * which nothing satisfies), and `!=1.x` requires a version below and above the range at once.
 */
export function parseVersionRange(text: string): VersionRange | undefined {
  if (text.length > LIMITS.versionLength) return undefined
  const parts = splitParts(text)
  if (parts.length === 0 || parts[0] === '||' || parts.at(-1) === '||') return undefined
  const alternatives: VersionRange[][] = [[]]
  for (const part of parts) {
    if (part === '||') {
      alternatives.push([])
      continue
    }
    const bounds = expandWildcard(part)?.map(readBound) ?? [undefined]
    for (const bound of bounds) {
      if (bound === undefined) return undefined
      alternatives.at(-1)?.push(bound)
    }
  }
  return (version) => alternatives.some((bounds) => allHold(bounds, version))
}

function allHold(bounds: readonly VersionRange[], version: Version): boolean {
  // The library panics on two `||` in a row.
  if (bounds.length === 0)
    throw new ConditionError('CONDITION_EVALUATION_FAILED', 'value', 'version range has an empty alternative')
  return bounds.every((bound) => bound(version))
}

/** Splits at spaces that do not follow `<`, `>` or `=`, and drops spaces inside a part. */
function splitParts(text: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  let last = ''
  for (const [at, character] of [...text].entries()) {
    if (character !== ' ') last = character
    else if (!'<>='.includes(last) || last === '') {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts.filter((part) => part.length > 1).map((part) => part.replaceAll(' ', ''))
}

function splitComparator(part: string): readonly [comparator: string, version: string] | undefined {
  const at = part.search(/\d/)
  return at < 0 ? undefined : [part.slice(0, at).trim(), part.slice(at)]
}

function readBound(part: string): VersionRange | undefined {
  const split = splitComparator(part)
  const compare = split && COMPARATORS.get(split[0])
  const bound = split && parseVersion(split[1])
  if (compare === undefined || bound === undefined) return undefined
  return (version) => compare(compareVersions(version, bound))
}

function expandWildcard(part: string): readonly string[] | undefined {
  if (!part.includes('x')) return [part]
  const split = splitComparator(part)
  if (split === undefined) return undefined
  const [comparator, wildcard] = split
  const first = withoutWildcard(wildcard)
  const bounds = ON_WILDCARDS.get(comparator) ?? [['', false] as const]
  return bounds.map(([bound, next]) => bound + (next ? nextVersion(wildcard, first) : first))
}

/** Replaces the wildcards of `1.x` and `1.2.x` by zeros. */
function withoutWildcard(text: string): string {
  const zeroed = text.replace('.x.x', '.x').replace('.x', '.0')
  return zeroed.split('.').length === 2 ? `${zeroed}.0` : zeroed
}

/** Returns the first version after those that the wildcard covers, or '' if it covers none. */
function nextVersion(wildcard: string, first: string): string {
  const parts = wildcard.split('.')
  const numbers = first.split('.')
  const position = parts.at(-1) === 'x' ? parts.length - 2 : -1
  const number = numbers[position]
  if (position > 1 || number === undefined || !/^\d{1,18}$/.test(number)) return ''
  return numbers.with(position, String(BigInt(number) + 1n)).join('.')
}
