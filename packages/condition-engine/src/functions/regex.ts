import { RE2JS, RE2JSException } from 're2js'
import { ConditionError } from '../condition-error.ts'
import type { WorkMeter } from '../expression/work-meter.ts'
import { LIMITS } from '../limits.ts'
import { translateRegex } from './regex-dialect.ts'

/** Pairs of instruction and character per step. */
const PAIRS_PER_STEP = 64
/** Steps of compiling one character of a pattern. */
const STEPS_PER_PATTERN_CHARACTER = 20
/** Compiled patterns that are kept. */
const MAX_KEPT = 100

export interface Regex {
  readonly pattern: RE2JS
  /** The number of instructions of the automaton. */
  readonly size: number
  /** The numbers of the groups by name; Go allows a name twice. */
  readonly groups: ReadonlyMap<string, readonly number[]>
}

export type CompiledRegex = Regex | { readonly fault: string }

/** Patterns come from policies and are the same in every request. */
const kept = new Map<string, CompiledRegex>()

/**
 * Compiles a regular expression in the syntax of RE2, like Go. Matching takes linear time.
 *
 * @returns the expression, or its fault in Go's words
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED for one that is too long
 */
export function compileRegex(source: string, meter: WorkMeter): CompiledRegex {
  if (source.length > LIMITS.regexLength) {
    throw new ConditionError(
      'CONDITION_LIMIT_EXCEEDED',
      'limit',
      `regular expression: expected at most ${LIMITS.regexLength} characters, got ${source.length}`,
    )
  }
  const known = kept.get(source)
  if (known !== undefined) return known
  meter.charge(source.length * STEPS_PER_PATTERN_CHARACTER)
  const compiled = compile(source)
  if (kept.size >= MAX_KEPT) kept.clear()
  kept.set(source, compiled)
  return compiled
}

function compile(source: string): CompiledRegex {
  const translated = translateRegex(source)
  try {
    const pattern = RE2JS.compile(translated.pattern)
    return { pattern, size: pattern.programSize(), groups: translated.groups }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return { fault: error.message }
  }
}

/** Returns whether the expression matches anywhere in the text. */
export function testRegex({ pattern, size }: Regex, text: string, meter: WorkMeter): boolean {
  meter.charge((size * text.length) / PAIRS_PER_STEP)
  return pattern.matcher(text).find()
}

/** A match and its groups by number and name. An optional group that did not take part is empty. */
export interface RegexMatch {
  readonly start: number
  readonly end: number
  readonly group: (name: string) => string
}

/**
 * Yields all matches from left to right without overlaps. An empty match right after another match does not count.
 *
 * A match is valid only until the next one is requested.
 */
export function* matchesOf({ pattern, size, groups }: Regex, text: string, meter: WorkMeter): Generator<RegexMatch> {
  const matcher = pattern.matcher(text)
  const group = (name: string): string => {
    if (!/^(?:0|[1-9]\d{0,7})$/.test(name))
      return (
        groups
          .get(name)
          ?.map((number) => matcher.group(number))
          .find((found) => found !== null) ?? ''
      )
    return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : ''
  }
  let lastEnd = 0
  for (let at = 0; at <= text.length;) {
    if (!matcher.find(at)) return
    const start = matcher.start()
    const end = matcher.end()
    meter.charge(1 + (size * (end - at + 1)) / PAIRS_PER_STEP)
    if (end > lastEnd || start === 0) yield { start, end, group }
    lastEnd = end
    at = Math.max(end, at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1))
  }
}
