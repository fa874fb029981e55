import { evaluationError } from '../expression/evaluation.ts'
import { GoInteger } from '../expression/value.ts'
import { floatToInt64 } from '../values/duration.ts'
import { compareStrings } from '../values/compare-strings.ts'
import { parseVersionRange } from '../values/semver-range.ts'
import { parseVersion, ZERO_VERSION } from '../values/semver.ts'
import { define, functionError } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { number, string } from './parameter.ts'
import { equalFold, lowerCase, upperCase } from './text-case.ts'
import { replaceText } from './text-replace.ts'

/** Kyverno's functions of strings, versions among them. */
export const STRINGS: readonly FunctionDefinition[] = [
  define('compare', [string, string], ([left, right], evaluation) => {
    evaluation.madeOpaque = true
    return new GoInteger(Math.sign(compareStrings(left, right)))
  }),
  define('equal_fold', [string, string], ([left, right]) => equalFold(left, right)),
  define('replace', [string, string, string, number], ([subject, from, to, count], { meter }) =>
    replaceText(subject, from, to, Number(floatToInt64(count)), meter),
  ),
  define('replace_all', [string, string, string], ([subject, from, to], { meter }) =>
    replaceText(subject, from, to, -1, meter),
  ),
  define('to_upper', [string], ([subject], { meter }) => {
    meter.produce(subject.length)
    return upperCase(subject)
  }),
  define('to_lower', [string], ([subject], { meter }) => {
    meter.produce(subject.length)
    return lowerCase(subject)
  }),
  define('trim', [string, string], ([subject, characters], { meter }) => {
    meter.charge((subject.length + characters.length) / 4)
    return trim(subject, characters)
  }),
  define('trim_prefix', [string, string], ([subject, prefix]) =>
    subject.startsWith(prefix) ? subject.slice(prefix.length) : subject,
  ),
  define('split', [string, string], ([subject, separator], { meter }) => {
    const parts = separator === '' ? Array.from(subject) : subject.split(separator)
    meter.produce(subject.length + parts.length)
    return parts
  }),
  define('truncate', [string, number], ([subject, length]) => firstCharacters(subject, Number(floatToInt64(length)))),
  define('to_boolean', [string], ([subject]) => toBoolean(subject)),
  define('path_canonicalize', [string], ([path]) => canonicalPath(path)),
  // A string that is not a version counts as 0.0.0, so it matches `<1.0.0`.
  define('semver_compare', [string, string], ([version, rangeText], { meter }) => {
    meter.charge(2 * rangeText.length)
    const range = parseVersionRange(rangeText)
    if (range === undefined) throw evaluationError('value', 'could not parse version range')
    return range(parseVersion(version) ?? ZERO_VERSION)
  }),
]

function trim(subject: string, cutset: string): string {
  const cut = new Set(Array.from(cutset, (character) => character.codePointAt(0)))
  let start = 0
  while (start < subject.length && cut.has(subject.codePointAt(start))) start += widthAt(subject, start)
  let end = subject.length
  while (end > start) {
    const width = end - start > 1 && widthAt(subject, end - 2) === 2 ? 2 : 1
    if (!cut.has(subject.codePointAt(end - width))) break
    end -= width
  }
  return subject.slice(start, end)
}

function widthAt(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}

function firstCharacters(subject: string, count: number): string {
  if (count < 1) return ''
  return count >= subject.length
    ? subject
    : Array.from(subject.slice(0, 2 * count))
        .slice(0, count)
        .join('')
}

function toBoolean(subject: string): boolean {
  const lower = lowerCase(subject)
  if (lower === 'true') return true
  if (lower === 'false') return false
  throw functionError(
    'to_boolean',
    'value',
    `lowercase argument must be 'true' or 'false' (provided: ` +
      `'${subject.length > 200 ? `${subject.slice(0, 200).toWellFormed()}…` : subject}')`,
  )
}

/** Removes `//`, `.`, `..` and a trailing slash, like Go's filepath.Clean; an empty path stays empty. */
function canonicalPath(path: string): string {
  if (path === '') return ''
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push(part)
  }
  return (rooted ? '/' : '') + kept.join('/') || '.'
}
