import { matchWildcard } from '@verify-images/primitives'
import { parseDuration } from '../values/duration.ts'
import { compareQuantities, parseQuantity } from '../values/quantity.ts'
import { allOf, anyOf, type Comparison } from './comparison.ts'

export type PatternOperator = '' | '>=' | '<=' | '>' | '<' | '!' | '-' | '!-'

const BOUND = String.raw`([-|+]?\d+(?:\.\d+)?[A-Za-z]*)`
const RANGE = new RegExp(`^${BOUND}-${BOUND}$`)
const OUTSIDE = new RegExp(`^${BOUND}!-${BOUND}$`)
const PREFIXES: readonly PatternOperator[] = ['>=', '<=', '>', '<', '!']
const ORDERS: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['', (order) => order === 0],
  ['!', (order) => order !== 0],
  ['>', (order) => order > 0],
  ['<', (order) => order < 0],
  ['>=', (order) => order >= 0],
  ['<=', (order) => order <= 0],
])

/**
 * Returns the operator at the start of a pattern, or `-` and `!-` for ranges (`10-20`, `10!-20`).
 *
 * @see Kyverno, pkg/engine/operator
 */
export function patternOperator(pattern: string): PatternOperator {
  if (pattern.length < 2) return ''
  const prefix = PREFIXES.find((each) => pattern.startsWith(each))
  if (prefix !== undefined) return prefix
  if (OUTSIDE.test(pattern)) return '!-'
  return RANGE.test(pattern) ? '-' : ''
}

/**
 * Returns whether a string matches a pattern of Kyverno's validation language: alternatives with `|`, conjunctions with
 * `&`, operators, ranges, wildcards. `undefined` if the pattern compares strings that have no order.
 *
 * @see Kyverno, pkg/engine/pattern
 */
export function matchTextPattern(text: string, pattern: string): Comparison {
  if (text === pattern) return true
  return anyOf(
    pattern
      .split('|')
      .map((alternative) => allOf(alternative.split('&').map((each) => matchOne(text, trimSpaces(each))))),
  )
}

/** Trims only spaces; a pattern may start or end with other white space. */
function trimSpaces(text: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === ' ') end--
  return text.slice(0, end).replace(/^ +/, '')
}

function matchOne(text: string, pattern: string): Comparison {
  const operator = patternOperator(pattern)
  if (operator === '-') {
    const [, low = '', high = ''] = RANGE.exec(pattern) ?? []
    return allOf([compare(text, low, '>='), compare(text, high, '<=')])
  }
  if (operator === '!-') {
    const [, low = '', high = ''] = OUTSIDE.exec(pattern) ?? []
    return anyOf([compare(text, low, '<'), compare(text, high, '>')])
  }
  return compare(text, pattern.slice(operator.length).trim(), operator)
}

function compare(text: string, pattern: string, operator: string): Comparison {
  const order = orderOf(text, pattern)
  if (order !== undefined) return ORDERS.get(operator)?.(order)
  if (operator === '') return matchWildcard(pattern, text)
  return operator === '!' ? !matchWildcard(pattern, text) : undefined
}

function orderOf(text: string, pattern: string): number | undefined {
  const durations = [parseDuration(text), parseDuration(pattern)]
  if (durations[0] !== undefined && durations[1] !== undefined)
    return durations[0] === durations[1] ? 0 : durations[0] < durations[1] ? -1 : 1
  const [left, right] = [parseQuantity(text), parseQuantity(pattern)]
  return left === undefined || right === undefined ? undefined : compareQuantities(left, right)
}
