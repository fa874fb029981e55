import { isJsonArray, type Json, ownMember, readYaml, YamlError } from '@verify-images/primitives'
import type { YamlErrorKind, YamlPlace } from '@verify-images/primitives'
import { checkOptions, PARSER_OPTIONS } from './check-options.ts'
import { inexactNumber } from './inexact-number.ts'
import { stringAt } from './json-value.ts'
import { LIMITS } from './limits.ts'
import type { Position } from './model.ts'
import { PolicyError } from './policy-error.ts'
import type { PolicyErrorCode } from './policy-error.ts'
import { LineTable, offsetOf, parsePath } from './place.ts'

/** One document of a text, or one item of a `List` in it. */
export interface SourceDocument {
  readonly value: Json
  readonly source?: string
  /** The position of a path such as `spec.rules[0].name`; of its nearest parent if there is no such value. */
  readonly locate: (path: string) => Position | undefined
}

export interface ReadDocumentsOptions {
  /** Name of the text, for messages. */
  readonly source?: string | undefined
}

/**
 * Reads the documents of a YAML or JSON text as Kubernetes does: YAML 1.1 scalars, keys and dates as strings, lists
 * expanded (`kind: List`, and the list kinds of policies and exceptions), empty documents left out.
 *
 * Rejects what two readers could read differently: repeated keys, tags other than those of JSON's own types, integers
 * that a JavaScript number cannot hold and that are read.
 *
 * @throws PolicyError POLICY_YAML_INVALID, POLICY_TOO_LARGE, POLICY_NUMBER_INEXACT, POLICY_MISSING (no document at
 *   all), POLICY_OPTIONS_INVALID
 */
export function readDocuments(text: string, options: ReadDocumentsOptions = {}): readonly SourceDocument[] {
  checkOptions(options, PARSER_OPTIONS)
  const lines = new LineTable(text)
  const fail = (code: PolicyErrorCode, message: string, offset?: number): never => {
    throw new PolicyError(
      [{ code, path: '', message, ...(offset === undefined ? {} : lines.positionAt(offset)) }],
      options.source,
    )
  }
  if (typeof text !== 'string') return fail('POLICY_YAML_INVALID', 'expected a string')
  if (text.length > LIMITS.textLength)
    return fail('POLICY_TOO_LARGE', `expected at most ${LIMITS.textLength} characters, got ${text.length}`)
  const character = UNREADABLE.exec(text)
  if (character !== null)
    return fail(
      'POLICY_YAML_INVALID',
      `character U+${(character[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} is not ` +
        `read by every YAML reader; write it as an escape`,
      character.index,
    )

  const rules = { mode: 'strict', maxDepth: LIMITS.depth, budget: { values: LIMITS.nodes } } as const
  const documents: SourceDocument[] = []
  const add = (value: Json, place: YamlPlace, start: number): void => {
    if (documents.length >= LIMITS.documents) fail('POLICY_TOO_LARGE', `more than ${LIMITS.documents} documents`, start)
    const inexact = inexactNumber(value, place)
    if (inexact?.inexact !== undefined) fail('POLICY_NUMBER_INEXACT', inexact.inexact, start + inexact.offset)
    const locate = (path: string): Position => lines.positionAt(start + offsetOf(place, parsePath(path)))
    documents.push({ value, locate, ...(options.source === undefined ? {} : { source: options.source }) })
  }
  for (const { start, part } of splitDocuments(text)) {
    if (part.length > LIMITS.documentLength)
      fail('POLICY_TOO_LARGE', `a document has more than ${LIMITS.documentLength} characters`, start)
    if (countSeparators(part) > LIMITS.separators)
      fail('POLICY_TOO_LARGE', `a document has more than ${LIMITS.separators} lines, commas and brackets`, start)
    try {
      const [first, second] = readYaml(part, rules)
      if (second !== undefined) {
        const problem = 'a document must begin behind a line with only `---`; Kubernetes does not see this one'
        throw new YamlError('invalid', problem, second.place.offset)
      }
      if (first !== undefined && first.value !== null)
        unrollList(first.value, first.place, (item, at) => add(item, at, start))
    } catch (error) {
      if (!(error instanceof YamlError)) throw error
      fail(CODES[error.kind], error.message, start + error.offset)
    }
  }
  if (documents.length === 0) return fail('POLICY_MISSING', 'expected at least one document, got none')
  return documents
}

const CODES: Readonly<Record<YamlErrorKind, PolicyErrorCode>> = {
  invalid: 'POLICY_YAML_INVALID',
  'too-deep': 'POLICY_TOO_LARGE',
  'too-large': 'POLICY_TOO_LARGE',
  'number-not-json': 'POLICY_YAML_INVALID',
}

/** A byte order mark, which is no content at the start of a text. */
const MARK = '\u{FEFF}'

/**
 * Characters that go-yaml rejects, and the line breaks of YAML 1.1 that YAML 1.2 does not have: after one of them,
 * readers of the two versions see different content.
 */
const UNREADABLE =
  /(?!^\u{FEFF})[^\t\n\r\u{20}-\u{7E}\u{A0}-\u{2027}\u{202A}-\u{D7FF}\u{E000}-\u{FEFE}\u{FF00}-\u{FFFD}\u{10000}-\u{10FFFF}]/u

/**
 * Splits at lines that begin with `---`, as Kubernetes does, so that only one document at a time is parsed.
 */
function* splitDocuments(text: string): Generator<{ readonly start: number; readonly part: string }> {
  let start = text.startsWith(MARK) ? 1 : 0
  for (const { index, 0: mark } of text.matchAll(/(?<![^\n])---[ \t\r]*(?:#[^\n]*)?(?![^\n])/g)) {
    const part = text.slice(start, index)
    // Directives belong to the document after the separator.
    if (/(?:^|\n)%/.test(part)) continue
    yield { start, part }
    start = index + mark.length
  }
  yield { start, part: text.slice(start) }
}

function countSeparators(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // line feed, carriage return, comma, [ and {
    if (code === 10 || code === 13 || code === 44 || code === 91 || code === 123) count++
  }
  return count
}

/** Kinds in which the API server returns collections; `kubectl get` prints a `List` instead. */
const POLICY_LISTS: ReadonlySet<string> = new Set(['ClusterPolicyList', 'PolicyList', 'PolicyExceptionList'])

function isList(value: Json): boolean {
  const [version, kind] = [stringAt(value, 'apiVersion'), stringAt(value, 'kind')]
  return (version === 'v1' && kind === 'List') || (version.startsWith('kyverno.io/') && POLICY_LISTS.has(kind))
}

function unrollList(value: Json, place: YamlPlace, add: (value: Json, place: YamlPlace) => void): void {
  const items = ownMember(value, 'items')
  if (!isList(value) || !isJsonArray(items)) {
    add(value, place)
    return
  }
  const places = place.entries?.get('items')?.items
  items.forEach((item, i) => unrollList(item, places?.[i] ?? place, add))
}
