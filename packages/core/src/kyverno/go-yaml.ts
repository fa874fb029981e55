import { comparedAsKeys } from './go-yaml-order.ts'
import { readsAsOtherThanText } from './go-yaml-resolve.ts'

export interface TextTree extends ReadonlyMap<string, string | TextTree> {}

const INDENT = 2
const BOM = '\uFEFF'

// Three line breaks are written as they are. CR and NEL are breaks as well, but not printable.
const endsInBreak = /[\n\u2028\u2029]$/u
const endsInTwoBreaks = /(?:^|[\n\u2028\u2029])[\n\u2028\u2029]$/u
const startsInSpaceOrBreak = /^[ \n\u2028\u2029]/u
const lineStart = /(?<=[\n\u2028\u2029])(?=[^\n\u2028\u2029])/gu

/** Neither a tab nor printable to the library: all beyond U+FFFF, emoji for one, are among these. */
const unprintable = /[^\t\n\x20-\x7E\u00A0-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]/u
/** What stands in double quotes as an escape. */
const escaped = /[^\x20-\x7E\u00A0-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]|["\\\u2028\u2029]/gu

// What a text must not hold in each of these styles; whatever is left can always stand in double quotes.
const notLiteral = [unprintable, / (?:[\n\u2028\u2029]|$)/u]
const notSingleQuoted = [unprintable, /\t/u, / [\u2028\u2029]|[\u2028\u2029] /u]
const notPlain = [
  /^(?:---|\.\.\.)/u, // would end the document
  /^[#,[\]{}&*!|>'"%@`]/u,
  /^[?:-](?: |$)/u,
  /:(?: |$)| #/u, // a key, a comment
  /^ | $/u,
  /[\u2028\u2029]/u,
]
const holds = (text: string, forbidden: readonly RegExp[]): boolean => forbidden.some((pattern) => pattern.test(text))

/**
 * The YAML of a map of texts, byte for byte as the Go library go.yaml.in/yaml/v3 writes it with an indent of two.
 *
 * Other writers give the same document in another spelling, and a denial is compared as text. Lines are never folded.
 * A lone surrogate is written as U+FFFD, which is all that a Go program ever reads of one.
 *
 * @see go.yaml.in/yaml/v3, encode.go, emitterc.go
 */
export function goYaml(tree: TextTree, indent = 0): string {
  const entries = new Map([...tree].map(([key, value]) => [key.toWellFormed(), value] as const))
  return [...entries]
    .sort(([one], [other]) => comparedAsKeys(one, other))
    .map(([key, value]) => pair(key, value, indent))
    .join(' '.repeat(indent))
}

function pair(key: string, value: string | TextTree, indent: number): string {
  const deeper = indent + INDENT
  const nested = typeof value !== 'string'
  const written = nested ? goYaml(value, deeper) : lineOf(scalar(value.toWellFormed(), deeper))
  if (isSimpleKey(key)) return `${scalar(key, deeper)}:${nested ? `\n${' '.repeat(deeper)}` : ' '}${written}`
  return `${lineOf(`? ${scalar(key, deeper)}`)}${' '.repeat(indent)}: ${written}`
}

/** One line, and as short as upstream asks, in bytes. Any other key is written after a question mark. */
function isSimpleKey(key: string): boolean {
  return !/[\n\r\u0085\u2028\u2029]/u.test(key) && Buffer.byteLength(key) <= 128
}

/** A text that ends in a break has ended its line, also where the break is not a line feed. */
function lineOf(written: string): string {
  return endsInBreak.test(written) ? written : `${written}\n`
}

function scalar(text: string, indent: number): string {
  if (text.includes('\n')) return holds(text, notLiteral) ? doubleQuoted(text) : literal(text, indent)
  if (readsAsOtherThanText(text) || holds(text, notSingleQuoted)) return doubleQuoted(text)
  return holds(text, notPlain) ? `'${indented(text.replaceAll("'", "''"), indent)}'` : text
}

/** The hints say what a reader could not see: where the text is indented itself, and which line breaks at its end are of it. */
function literal(text: string, indent: number): string {
  const hint = startsInSpaceOrBreak.test(text) ? INDENT : ''
  const chomping = endsInTwoBreaks.test(text) ? '+' : endsInBreak.test(text) ? '' : '-'
  return `|${hint}${chomping}${indented(`\n${text}`, indent)}`
}

function indented(text: string, indent: number): string {
  return text.replace(lineStart, ' '.repeat(indent))
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1B': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xA0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}

/** Of a text that begins with a byte order mark, the library escapes every character: it looks for the mark at the beginning each time. */
function doubleQuoted(text: string): string {
  return `"${text.replace(text.startsWith(BOM) ? /./gsu : escaped, (character) => `\\${shortEscapes[character] ?? numericEscape(character)}`)}"`
}

function numericEscape(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  const [letter, digits] = hex.length <= 2 ? ['x', 2] : hex.length <= 4 ? ['u', 4] : ['U', 8]
  return letter + hex.padStart(digits, '0')
}
