import { CertificateError } from './certificate-error.ts'
import { DerCursor } from './der/cursor.ts'
import type { DerElement } from './der/cursor.ts'
import { TAG, contextTag } from './der/tag.ts'
import { readOid, readText } from './der/values.ts'
import { shown } from './message-text.ts'

/**
 * One GeneralName. The kinds are separate namespaces: an e-mail address in a `dns` entry is not an e-mail address, and
 * only the caller knows which kinds its policy means.
 */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly text: string }
  | { readonly kind: 'ip'; readonly text: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'other'
      readonly oid: string
      /** The value if it is of a string type; whether that is the type its OID is defined with, `value` says. */
      readonly text?: string
      /** The DER of the value. */
      readonly value: Uint8Array
    }
  /** A directory name, or a kind that is not read (X.400, EDI, registered id), as its DER. */
  | { readonly kind: 'directory' | 'unsupported'; readonly value: Uint8Array }

const OTHER_NAME = contextTag(0)
const EMAIL = contextTag(1, 'primitive')
const DNS = contextTag(2, 'primitive')
const DIRECTORY = contextTag(4)
const URI = contextTag(6, 'primitive')
const IP = contextTag(7, 'primitive')

const READERS: ReadonlyMap<number, (element: DerElement, what: string) => GeneralName> = new Map([
  [OTHER_NAME, readOtherName],
  [EMAIL, (element, what): GeneralName => ({ kind: 'email', text: plainText(element, what) })],
  [DNS, (element, what): GeneralName => ({ kind: 'dns', text: plainText(element, what) })],
  [URI, (element, what): GeneralName => ({ kind: 'uri', text: plainText(element, what) })],
  [IP, readIp],
  [DIRECTORY, (element): GeneralName => ({ kind: 'directory', value: element.content })],
])

/**
 * Reads one GeneralName.
 *
 * Control characters are rejected although IA5String has them: a name with a line break becomes two names wherever it
 * is shown or matched line by line.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 * @see RFC 5280, 4.2.1.6
 */
export function readGeneralName(element: DerElement, what: string): GeneralName {
  if ((element.tag & 0xc0) !== 0x80 || (element.tag & 0x1f) > 8)
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: expected a GeneralName`)
  const read = READERS.get(element.tag)
  return read ? read(element, what) : { kind: 'unsupported', value: element.raw }
}

function plainText(element: DerElement, what: string): string {
  if (!element.content.every((octet) => octet >= 0x20 && octet < 0x7f)) {
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: expected a name in printable ASCII`)
  }
  return Buffer.from(element.content).toString('latin1')
}

function readIp(element: DerElement, what: string): GeneralName {
  const text = ipText(element.content)
  if (text === undefined) {
    throw new CertificateError(
      'CERTIFICATE_MALFORMED',
      `${what}: expected an IP address of 4 or 16 octets, got ${element.content.length}`,
    )
  }
  return { kind: 'ip', text, bytes: element.content }
}

function readOtherName(element: DerElement, what: string): GeneralName {
  const cursor = new DerCursor(element.content, what)
  const oid = readOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'type of other name'))
  const wrapped = cursor.enter(contextTag(0), 'value of other name')
  cursor.end()
  const value = wrapped.next('value of other name')
  wrapped.end()
  const text = readText(value)
  return { kind: 'other', oid, ...(text === undefined ? {} : { text }), value: value.raw }
}

/** The characters that a URI may have, with complete percent escapes. */
const URI_CHARACTERS = /^[a-z][a-z0-9+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9a-f]{2})*$/i

/**
 * Rejects text that is not an absolute URI with a plain host name. Go parses URI names and compares the printed result;
 * with a scheme in lower case, the printed result is the text itself.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 * @see RFC 5280, 4.2.1.6; RFC 3986
 */
export function checkUri(text: string): void {
  const scheme = text.slice(0, text.indexOf(':') + 1)
  const authority = /^[^:/?#]*:\/\/([^/?#]*)/.exec(text)?.[1] ?? ''
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  // `scheme:` and `scheme:///path` have no host; any other empty host would be lost when printed.
  const isHost =
    host === ''
      ? authority === '' && !/:\/\/(?:[?#]|$)/.test(text)
      : host.split('.').every((label) => /^[\w-]+$/.test(label))
  if (URI_CHARACTERS.test(text) && scheme === scheme.toLowerCase() && isHost) return
  throw new CertificateError(
    'CERTIFICATE_MALFORMED',
    `subjectAltName: expected an absolute URI, got \`${shown(text)}\``,
  )
}

/**
 * Returns an IP address as Go prints it: dotted, or the shortest IPv6 form; IPv4-mapped IPv6 as IPv4. `undefined`
 * unless there are 4 or 16 octets.
 *
 * @see RFC 5952
 */
export function ipText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return undefined
  if (bytes.subarray(0, 10).every((octet) => octet === 0) && bytes[10] === 0xff && bytes[11] === 0xff)
    return bytes.subarray(12).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0))
  const { start, length } = longestZeroRun(groups)
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return length < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  groups.forEach((group, i) => {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: i - length + 1, length }
  })
  return best
}
