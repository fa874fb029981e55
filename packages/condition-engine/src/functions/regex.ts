import { RE2JS, RE2JSException } from 're2js'
import { ConditionError } from '../condition-error.ts'
import type { WorkMeter } from '../expression/work-meter.ts'
import { LIMITS } from '../limits.ts'
import { translateRegex } from './regex-dialect.ts'

/** One step stands for so many (instruction, character) pairs. */
const PAIRS_PER_STEP = 64
/** Compiling costs that many steps for each character of the pattern. */
const STEPS_PER_PATTERN_CHARACTER = 20
const KEPT = 100

export interface Regex {
  readonly pattern: RE2JS
  /** How many instructions the automaton has. */
  readonly size: number
  /** The numbers of the groups of a name; Go takes a name twice. */
  readonly groups: ReadonlyMap<string, readonly number[]>
}

export type CompiledRegex = Regex | { readonly fault: string }

/** Patterns are policy text and come again with every request. */
const kept = new Map<string, CompiledRegex>()

/**
 * Compiles a regular expression of RE2's syntax, which Go has, too. Matching it takes linear time.
 *
 * @returns the expression, or what is wrong with it in Go's words
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED for one that is too long
 */
export function compileRegex(source: string, meter: WorkMeter): CompiledRegex {
  if (source.length > LIMITS.regexLength) {
    throw new ConditionError(
      'CONDITION_LIMIT_EXCEEDED',
      'limit',
      `a regular expression is longer than ${LIMITS.regexLength} characters`,
    )
  }
  const known = kept.get(source)
  if (known !== undefined) return known
  meter.charge(source.length * STEPS_PER_PATTERN_CHARACTER)
  const compiled = compile(source)
  if (kept.size >= KEPT) kept.clear()
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

/** Whether the expression matches anywhere in the text. */
export function testRegex({ pattern, size }: Regex, text: string, meter: WorkMeter): boolean {
  meter.charge((size * text.length) / PAIRS_PER_STEP)
  return pattern.matcher(text).find()
}

/** One match: where it is, and the text of its groups by number and name. An optional group that took no part is empty. */
export interface RegexMatch {
  readonly start: number
  readonly end: number
  readonly group: (name: string) => string
}

/**
 * All matches from left to right, none overlapping. Right after a match an empty one does not count.
 *
 * The matches are values of the moment: read each before the next is asked for.
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
