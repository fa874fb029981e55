import { X509Fault, TAG } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'

const PRINTABLE = /^[a-zA-Z0-9'()+,\-./ :=?*&]*$/
const NUMERIC = /^[0-9 ]*$/
const ASCII = /^[\0-\x7f]*$/

/** Reads the content of a string type, given as one character for each byte; `undefined` if it does not fit the type. */
const READERS: ReadonlyMap<number, (content: Buffer) => string | undefined> = new Map([
  [TAG.utf8String, utf8],
  [TAG.printableString, (content: Buffer) => matching(content, PRINTABLE)],
  [TAG.numericString, (content: Buffer) => matching(content, NUMERIC)],
  [TAG.ia5String, (content: Buffer) => matching(content, ASCII)],
  // T.61 is read as Latin-1, as everybody does.
  [TAG.t61String, (content: Buffer) => content.toString('latin1')],
  [TAG.bmpString, bmp],
])

export function isTextTag(tag: number): boolean {
  return READERS.has(tag)
}

/** @throws X509Fault for another type, or content that does not fit the type */
export function readText({ tag, content }: DerElement): string {
  const text = READERS.get(tag)?.(content)
  if (text === undefined) throw new X509Fault('x509: invalid RDNSequence: invalid attribute value')
  return text
}

/** @throws X509Fault for bytes beyond ASCII */
export function asciiText(content: Buffer, what: string): string {
  const text = matching(content, ASCII)
  if (text === undefined) throw new X509Fault(`x509: ${what} is malformed`)
  return text
}

function matching(content: Buffer, form: RegExp): string | undefined {
  const text = content.toString('latin1')
  return form.test(text) ? text : undefined
}

function utf8(content: Buffer): string | undefined {
  const text = content.toString()
  return Buffer.from(text).equals(content) ? text : undefined
}

/** UCS-2 without surrogates and noncharacters; a terminating zero is dropped. */
function bmp(content: Buffer): string | undefined {
  if (content.length % 2 !== 0) return undefined
  const units = Buffer.from(content).swap16().toString('utf16le')
  const text = units.endsWith('\0') ? units.slice(0, -1) : units
  return /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(text) ? undefined : text
}
