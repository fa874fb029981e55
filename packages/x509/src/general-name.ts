import { CertificateError } from './certificate-error.ts'
import { DerCursor } from './der/cursor.ts'
import type { DerElement } from './der/cursor.ts'
import { TAG, contextTag } from './der/tag.ts'
import { readOid, readText } from './der/values.ts'
import { ipText } from './ip-text.ts'

/**
 * One GeneralName. The kinds are different namespaces: an e-mail address in a `dns` entry is not an e-mail address, and
 * only the caller knows which kinds its policy means.
 */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly text: string }
  | { readonly kind: 'ip'; readonly text: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'other'
      readonly oid: string
      /** The value where it is of a string type. */
      readonly text?: string
      /** The DER of the value. */
      readonly value: Uint8Array
    }
  /** A directory name as its DER, and kinds nobody uses (X.400, EDI, registered id) as theirs. */
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
 * Control characters are refused, though IA5String has them: a name with a line break reads as two wherever it is shown
 * or matched line by line.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 * @see RFC 5280, 4.2.1.6
 */
export function readGeneralName(element: DerElement, what: string): GeneralName {
  if ((element.tag & 0xc0) !== 0x80 || (element.tag & 0x1f) > 8)
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: not a general name`)
  const read = READERS.get(element.tag)
  return read ? read(element, what) : { kind: 'unsupported', value: element.raw }
}

function plainText(element: DerElement, what: string): string {
  if (!element.content.every((octet) => octet >= 0x20 && octet < 0x7f)) {
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: name with characters that are not printable ASCII`)
  }
  return Buffer.from(element.content).toString('latin1')
}

function readIp(element: DerElement, what: string): GeneralName {
  const text = ipText(element.content)
  if (text === undefined) {
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: IP address of ${element.content.length} octets`, {
      upstreamText: `x509: cannot parse IP address of length ${element.content.length}`,
    })
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
