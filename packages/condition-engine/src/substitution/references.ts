import { findReferences } from '@verify-images/primitives'
import { ConditionError } from '../condition-error.ts'
import { patternOperator } from '../operators/text-pattern.ts'
import { goText, isGoArray, isGoObject, type GoValue } from '../values/go-value.ts'
import { absolutePath, childPath, withoutAnchors } from './document-path.ts'
import type { SubstitutionWork } from './substitution-run.ts'
import { replaceStrings } from './traverse.ts'

/** Returns whether a string may contain references or escaped references. */
export function mayHoldReferences(text: string): boolean {
  return text.includes('$(')
}

/**
 * Replaces references `$(path)` by the values at these paths of the same document.
 *
 * One pass over the original: inserted strings are not searched again. A path to an array finds nothing, one to an
 * object finds the name of its last key, and a reference without an operator must find a string.
 *
 * @throws ConditionError CONDITION_REFERENCE_UNRESOLVED
 * @see Kyverno, pkg/engine/variables: substituteReferences
 */
export function substituteReferences(document: GoValue, work: SubstitutionWork): GoValue {
  let places: ReadonlyMap<string, GoValue> | undefined
  const lookUp = (path: string): GoValue => (places ??= indexPlaces(document)).get(path) ?? null
  return replaceStrings(document, (text, path) => {
    if (!mayHoldReferences(text)) return { value: text, traverse: false }
    let replaced = text
    for (const { lead, text: reference } of findReferences(text)) {
      work.resolveVariable()
      replaced = replaceFirst(replaced, lead + reference, lead + resolve(lead, reference, path, lookUp))
      work.write(replaced.length)
    }
    return { value: unescapeReferences(replaced), traverse: false }
  })
}

/** Replaces the first occurrence of a string by another. */
export function replaceFirst(text: string, old: string, replacement: string): string {
  const at = text.indexOf(old)
  return at < 0 ? text : text.slice(0, at) + replacement + text.slice(at + old.length)
}

function resolve(lead: string, reference: string, path: string, lookUp: (path: string) => GoValue): string {
  const inner = trimmed(reference)
  const operator = patternOperator(inner)
  const target = inner.slice(operator.length)
  if (target === '')
    throw unresolved(`failed to resolve ${reference} at path ${path}: expected path, found empty reference`)
  // Kyverno drops one byte for the preceding character, so a multi-byte character corrupts the path.
  const spoiled = lead > '\u007f'
  const value = spoiled ? null : lookUp(absolutePath(target, path))
  if (operator === '') {
    if (value === null) throw unresolved(`got nil resolved variable ${reference} at path ${path}: <nil>`)
    if (typeof value !== 'string')
      throw unresolved(`NotResolvedReferenceErr,reference ${reference} not resolved at path ${path}`)
    return value
  }
  const text = operandText(value)
  if (text === undefined) {
    throw unresolved(
      `failed to resolve ${reference} at path ${path}: incorrect expression: operator ${operator} does not ` +
        `match with value ${goText(value)}`,
    )
  }
  return operator + text
}

/** Strips every `$`, `(` and `)` from both ends. */
function trimmed(reference: string): string {
  let end = reference.length
  while ('$()'.includes(reference[end - 1] ?? ' ')) end--
  return reference.slice(0, end).replace(/^[$()]+/, '')
}

function operandText(value: GoValue): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'number' ? sixDecimals(value) : undefined
}

/** Formats `%f`, also for numbers that JavaScript writes with an exponent. */
function sixDecimals(value: number): string {
  return Math.abs(value) >= 1e21 ? `${BigInt(value)}.000000` : value.toFixed(6)
}

function unresolved(message: string): ConditionError {
  return new ConditionError('CONDITION_REFERENCE_UNRESOLVED', 'value', message)
}

function indexPlaces(document: GoValue): ReadonlyMap<string, GoValue> {
  const places = new Map<string, GoValue>()
  const visit = (value: GoValue, path: string): void => {
    if (isGoArray(value)) return value.forEach((item, index) => visit(item, childPath(path, String(index))))
    if (!isGoObject(value)) return void places.set(withoutAnchors(path), value)
    for (const [key, item] of Object.entries(value)) {
      places.set(withoutAnchors(path), key)
      visit(item, childPath(path, key))
    }
  }
  visit(document, '')
  return places
}

/** Unescapes `\$(…)` without spaces to `$(…)`. */
function unescapeReferences(text: string): string {
  let result = ''
  let copied = 0
  for (let at = text.indexOf('\\$('); at >= 0;) {
    const stop = indexOfAny(text, at + 4)
    const escaped = text[at + 3] !== '\n' && text[stop] === ')'
    if (escaped) {
      result += text.slice(copied, at)
      copied = at + 1
    }
    at = text.indexOf('\\$(', escaped ? stop + 1 : Math.max(at + 1, stop - 3))
  }
  return result + text.slice(copied)
}

/** Returns the index of the next space or closing parenthesis. */
function indexOfAny(text: string, from: number): number {
  const space = text.indexOf(' ', from)
  const close = text.indexOf(')', from)
  return Math.min(space < 0 ? text.length : space, close < 0 ? text.length : close)
}
