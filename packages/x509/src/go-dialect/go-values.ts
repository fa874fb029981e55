import { CertificateError } from '../certificate-error.ts'
import { checkPrimitive } from '../der/check-primitive.ts'
import type { DerElement } from '../der/cursor.ts'
import { TAG } from '../der/tag.ts'
import { readBitString, readBoolean, readInteger, readOid, readText } from '../der/values.ts'

/** The largest arc of an object identifier in Go's `asn1.ObjectIdentifier`. */
const MAX_ARC = 0x7fff_ffffn

/**
 * Readers for one element each. The bytes have not been through `strictDer`, so each reader checks what it decodes.
 *
 * @throws CertificateError CERTIFICATE_DER_INVALID, CERTIFICATE_MALFORMED
 */
export function goInteger(element: DerElement, what: string): bigint {
  checkPrimitive(TAG.INTEGER, element.content, 0, what)
  return readInteger(element)
}

export function goBoolean(element: DerElement, what: string): boolean {
  checkPrimitive(TAG.BOOLEAN, element.content, 0, what)
  return readBoolean(element)
}

/** Returns the dotted text of an object identifier, refused where an arc is beyond 31 bits. */
export function goOid(element: DerElement, what: string): string {
  const oid = goLargeOid(element, what)
  if (oid.split('.').some((arc) => BigInt(arc) > MAX_ARC))
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: object identifier with an arc of more than 31 bits`)
  return oid
}

/** As {@link goOid}, with arcs of any size: certificate policies have their own type in Go. */
export function goLargeOid(element: DerElement, what: string): string {
  checkPrimitive(TAG.OBJECT_IDENTIFIER, element.content, 0, what)
  return readOid(element)
}

export interface BitString {
  readonly bytes: Uint8Array
  readonly unusedBits: number
}

export function goBitString(element: DerElement, what: string): BitString {
  checkPrimitive(TAG.BIT_STRING, element.content, 0, what)
  return readBitString(element)
}

/** Returns the bits as a number's octets: the unused ones are shifted out. */
export function rightAligned({ bytes, unusedBits }: BitString): Uint8Array {
  if (unusedBits === 0) return bytes
  return bytes.map((octet, i) => (octet >> unusedBits) | ((i === 0 ? 0 : (bytes[i - 1] ?? 0)) << (8 - unusedBits)))
}

/** The string types that a name may have in Go. */
const STRING_TYPES: ReadonlySet<number> = new Set([
  TAG.UTF8_STRING,
  TAG.PRINTABLE_STRING,
  TAG.NUMERIC_STRING,
  TAG.IA5_STRING,
  TAG.T61_STRING,
  TAG.BMP_STRING,
])

export function isStringType(tag: number): boolean {
  return STRING_TYPES.has(tag)
}

/** Returns the text of a string type. A BMPString loses the NUL that may end it. */
export function goText(element: DerElement, what: string): string {
  if (!isStringType(element.tag)) throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: not a string type`)
  checkPrimitive(element.tag, element.content, 0, what)
  const text = readText(element)
  if (text === undefined) throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: text that cannot be decoded`)
  return element.tag === TAG.BMP_STRING && text.endsWith('\0') ? text.slice(0, -1) : text
}

/** Returns the text of an IA5String without its tag. Go accepts control characters here, `readGeneralName` does not. */
export function goAscii(content: Uint8Array, what: string): string {
  checkPrimitive(TAG.IA5_STRING, content, 0, what)
  return Buffer.from(content).toString('latin1')
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/

/**
 * Returns the RFC 3339 text of a UTCTime or GeneralizedTime. Unlike DER, Go accepts offsets, and a UTCTime without
 * seconds; a two-digit year is one of 1950 to 2049.
 */
export function goTime({ tag, content }: DerElement, what: string): string {
  const text = content.length > 20 ? '' : Buffer.from(content).toString('latin1')
  const match = (tag === TAG.UTC_TIME ? UTC_TIME : tag === TAG.GENERALIZED_TIME ? GENERALIZED_TIME : undefined)?.exec(
    text,
  )
  const [, digits = '', month, day, hour, minute, second = '00', zone = ''] = match ?? []
  const year = digits.length === 2 ? `${Number(digits) >= 50 ? '19' : '20'}${digits}` : digits
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const time = new Date(`${local}.000Z`)
  // The round trip refuses what is not in the calendar. UTC is written as `Z`, never as `+0000`.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== `${local}.000Z` || !isOffset(zone))
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: not a UTCTime or GeneralizedTime that Go reads`)
  return `${local}${zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`}`
}

function isOffset(zone: string): boolean {
  if (zone === 'Z') return true
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3))]
  return hours < 24 && minutes < 60 && hours + minutes > 0
}
