import { CertificateError } from '../certificate-error.ts'
import type { DerElement } from './cursor.ts'
import { TAG } from './tag.ts'

/** Returns the value of an INTEGER or ENUMERATED. */
export function readInteger(element: DerElement): bigint {
  const hex = Buffer.from(element.content).toString('hex')
  return BigInt.asIntN(element.content.length * 8, BigInt(`0x${hex || '0'}`))
}

/**
 * Returns the value of an INTEGER that must lie in a range.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 */
export function readSmallInteger(element: DerElement, what: string, min: number, max: number): number {
  const value = element.content.length > 7 ? undefined : Number(readInteger(element))
  if (value === undefined || value < min || value > max)
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what} should be ${min}–${max}`)
  return value
}

export function readBoolean(element: DerElement): boolean {
  return element.content[0] === 0xff
}

/** Returns the dotted text of an OBJECT IDENTIFIER; arcs of any size are exact. */
export function readOid(element: DerElement): string {
  const arcs: bigint[] = []
  let arc = 0n
  for (const octet of element.content) {
    arc = (arc << 7n) | BigInt(octet & 0x7f)
    if (octet < 0x80) {
      arcs.push(arc)
      arc = 0n
    }
  }
  const [joined = 0n, ...rest] = arcs
  const first = joined < 80n ? joined / 40n : 2n
  return [first, joined - first * 40n, ...rest].join('.')
}

/** Returns the octets of a BIT STRING, without the count of unused bits in front. */
export function readBitString(element: DerElement): { readonly bytes: Uint8Array; readonly unusedBits: number } {
  return { bytes: element.content.subarray(1), unusedBits: element.content[0] ?? 0 }
}

/**
 * Returns the octets of a BIT STRING that holds whole octets: a key or a signature.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 */
export function readOctetsOfBitString(element: DerElement, what: string): Uint8Array {
  const { bytes, unusedBits } = readBitString(element)
  if (unusedBits !== 0) throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: not a whole number of octets`)
  return bytes
}

/**
 * Returns the instant of a UTCTime or GeneralizedTime, to the millisecond.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED for another type or a date that is not in the calendar
 * @see RFC 5280, 4.1.2.5
 */
export function readTime(element: DerElement, what: string): Date {
  const text = Buffer.from(element.content).toString('latin1')
  if (element.tag === TAG.GENERALIZED_TIME) return calendarTime(text, what)
  if (element.tag !== TAG.UTC_TIME)
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: neither UTCTime nor GeneralizedTime`)
  return calendarTime(`${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}`, what)
}

function calendarTime(text: string, what: string): Date {
  const [, year, month, day, hour, minute, second, fraction = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?Z$/.exec(text) ?? []
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  const time = new Date(iso)
  // The round trip refuses what the calendar does not have: 30 February, hour 24, second 60.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso)
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: no such date`)
  return time
}

const DECODERS: ReadonlyMap<number, (content: Buffer) => string | undefined> = new Map([
  [TAG.UTF8_STRING, (content): string => content.toString('utf8')],
  [TAG.PRINTABLE_STRING, (content): string => content.toString('latin1')],
  [TAG.IA5_STRING, (content): string => content.toString('latin1')],
  [TAG.NUMERIC_STRING, (content): string => content.toString('latin1')],
  [TAG.T61_STRING, (content): string => content.toString('latin1')],
  [TAG.BMP_STRING, decodeUtf16],
])

/** Returns the text of a string type; `undefined` for other types and invalid text. */
export function readText(element: DerElement): string | undefined {
  return DECODERS.get(element.tag)?.(Buffer.from(element.content))
}

function decodeUtf16(content: Buffer): string | undefined {
  if (content.length % 2 !== 0) return undefined
  const text = Buffer.from(content).swap16().toString('utf16le')
  // UCS-2 has neither surrogates nor, in Go, noncharacters.
  return /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(text) ? undefined : text
}
