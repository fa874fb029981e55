import { ConditionError } from '../condition-error.ts'
import { patternOperator } from '../operators/text-pattern.ts'
import { goText, isGoList, isGoObject, type GoValue } from '../values/go-value.ts'
import { absolutePath, childPath, withoutAnchors } from './document-path.ts'
import type { SubstitutionWork } from './substitution-work.ts'
import { replaceTexts } from './traverse.ts'

interface FoundReference {
  /** The character before it, or '' at the start of the text. */
  readonly prefix: string
  readonly reference: string
}

/** Whether a text may hold references or escaped ones. */
export function mayHoldReferences(text: string): boolean {
  return text.includes('$(')
}

/**
 * The document with its references `$(path)` replaced by what stands at these paths of the same document.
 *
 * One pass over the original: a text that a reference brings in is not searched again. A path to a list finds nothing, one
 * to an object finds the name of its last key, and what a reference without operator finds must be a text.
 *
 * @throws ConditionError CONDITION_REFERENCE_UNRESOLVED
 * @see Kyverno, pkg/engine/variables: substituteReferences
 */
export function substituteReferences(document: GoValue, work: SubstitutionWork): GoValue {
  let places: ReadonlyMap<string, GoValue> | undefined
  const lookUp = (path: string): GoValue => (places ??= indexPlaces(document)).get(path) ?? null
  return replaceTexts(document, (text, path) => {
    if (!mayHoldReferences(text)) return { value: text, traverse: false }
    let replaced = text
    for (const { prefix, reference } of findReferences(text)) {
      work.resolveVariable()
      replaced = replaceFirst(replaced, prefix + reference, prefix + resolve(prefix, reference, path, lookUp))
      work.write(replaced.length)
    }
    return { value: unescapeReferences(replaced), traverse: false }
  })
}

/** Where the first occurrence of a text was, the other one. */
export function replaceFirst(text: string, old: string, replacement: string): string {
  const at = text.indexOf(old)
  return at < 0 ? text : text.slice(0, at) + replacement + text.slice(at + old.length)
}

/**
 * A reference reaches to the last `)` before the next space and holds at least one character. Written out instead of as an
 * expression, which takes quadratic time on many `$(` without an end.
 */
function findReferences(text: string): readonly FoundReference[] {
  const found: FoundReference[] = []
  let free = 0
  for (let at = text.indexOf('$('); at >= 0;) {
    const space = text.indexOf(' ', at + 3)
    const end = space < 0 ? text.length : space
    const close = text.lastIndexOf(')', end - 1)
    const closed = close >= at + 3 && text[at + 2] !== '\n'
    const preceded = at === 0 || (at > free && text[at - 1] !== '\\')
    if (closed && preceded) {
      found.push({ prefix: text.slice(Math.max(0, at - 1), at), reference: text.slice(at, close + 1) })
      free = close + 1
    }
    const next = closed && preceded ? close + 1 : close >= at + 3 ? at + 1 : Math.max(at + 1, end - 2)
    at = text.indexOf('$(', next)
  }
  return found
}

function resolve(prefix: string, reference: string, path: string, lookUp: (path: string) => GoValue): string {
  const inner = trimmed(reference)
  const operator = patternOperator(inner)
  const target = inner.slice(operator.length)
  if (target === '')
    throw unresolved(`failed to resolve ${reference} at path ${path}: expected path, found empty reference`)
  // Kyverno drops one byte for the character before, so a character of several bytes spoils the path.
  const spoiled = prefix > '\u007f'
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
      `failed to resolve ${reference} at path ${path}: incorrect expression: operator ${operator} does not match with value ${goText(value)}`,
    )
  }
  return operator + text
}

/** Without every `$`, `(` and `)` at both ends. */
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

/** `%f`, also for numbers that JavaScript would write with an exponent. */
function sixDecimals(value: number): string {
  return Math.abs(value) >= 1e21 ? `${BigInt(value)}.000000` : value.toFixed(6)
}

function unresolved(message: string): ConditionError {
  return new ConditionError('CONDITION_REFERENCE_UNRESOLVED', 'value', message)
}

function indexPlaces(document: GoValue): ReadonlyMap<string, GoValue> {
  const places = new Map<string, GoValue>()
  const visit = (value: GoValue, path: string): void => {
    if (isGoList(value)) return value.forEach((item, index) => visit(item, childPath(path, String(index))))
    if (!isGoObject(value)) return void places.set(withoutAnchors(path), value)
    for (const [key, item] of Object.entries(value)) {
      places.set(withoutAnchors(path), key)
      visit(item, childPath(path, key))
    }
  }
  visit(document, '')
  return places
}

/** `\$(…)` without spaces is `$(…)`. */
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

/** Where the next space or closing parenthesis is. */
function indexOfAny(text: string, from: number): number {
  const space = text.indexOf(' ', from)
  const close = text.indexOf(')', from)
  return Math.min(space < 0 ? text.length : space, close < 0 ? text.length : close)
}
