import { isPlainString } from '@verify-images/primitives'
import { compareKeys } from './go-yaml-order.ts'

/** A mapping of strings and further mappings. */
export interface TextTree extends ReadonlyMap<string, string | TextTree> {}

const INDENT = 2
const BOM = '\uFEFF'

// These three line breaks are written as they are. CR and NEL are breaks too, but the library escapes them.
const endsInBreak = /[\n\u2028\u2029]$/u
const endsInTwoBreaks = /(?:^|[\n\u2028\u2029])[\n\u2028\u2029]$/u
const startsInSpaceOrBreak = /^[ \n\u2028\u2029]/u
const lineStart = /(?<=[\n\u2028\u2029])(?=[^\n\u2028\u2029])/gu

/** Not printable to the library, and not a tab; includes everything beyond U+FFFF, such as emoji. */
const unprintable = /[^\t\n\x20-\x7E\u00A0-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]/u
/** Escaped in double quotes. */
const escaped = /[^\x20-\x7E\u00A0-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]|["\\\u2028\u2029]/gu

// What a string must not contain in each of these styles. Every string can be written in double quotes.
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
 * Formats a mapping as YAML, byte for byte as the Go library go.yaml.in/yaml/v3 does with an indent of two.
 *
 * Other writers produce other bytes for the same document, and denials are compared as text. Lines are never folded. A
 * lone surrogate is written as U+FFFD, which is how Go decodes it.
 *
 * @see go.yaml.in/yaml/v3, encode.go, emitterc.go
 */
export function goYaml(tree: TextTree, indent = 0): string {
  const entries = new Map([...tree].map(([key, value]) => [key.toWellFormed(), value] as const))
  return [...entries]
    .sort(([one], [other]) => compareKeys(one, other))
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

/** A key on one line of at most 128 bytes. Any other key is written after a question mark. */
function isSimpleKey(key: string): boolean {
  return !/[\n\r\u0085\u2028\u2029]/u.test(key) && Buffer.byteLength(key) <= 128
}

/** Appends a line feed, unless the text already ends in a line break of any kind. */
function lineOf(written: string): string {
  return endsInBreak.test(written) ? written : `${written}\n`
}

function scalar(text: string, indent: number): string {
  if (text.includes('\n')) return holds(text, notLiteral) ? doubleQuoted(text) : literal(text, indent)
  if (!isPlainString(text) || holds(text, notSingleQuoted)) return doubleQuoted(text)
  return holds(text, notPlain) ? `'${indented(text.replaceAll("'", "''"), indent)}'` : text
}

/**
 * The header states the indent if the text starts with a space or a break, and whether breaks at its end belong to it.
 */
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

/** The library escapes every character of a text that starts with a byte order mark. */
function doubleQuoted(text: string): string {
  const escape = (character: string): string => `\\${shortEscapes[character] ?? numericEscape(character)}`
  return `"${text.replace(text.startsWith(BOM) ? /./gsu : escaped, escape)}"`
}

function numericEscape(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  const [letter, digits] = hex.length <= 2 ? ['x', 2] : hex.length <= 4 ? ['u', 4] : ['U', 8]
  return letter + hex.padStart(digits, '0')
}
