import { isUtf8 } from 'node:buffer'
import { CertificateError } from '../certificate-error.ts'
import { MAX_OID_BYTES } from '../limits.ts'
import { TAG } from './tag.ts'

type Problem = string | undefined

/** What DER asks of the content of each universal primitive type; types without an entry are free octets. */
const CHECKS: ReadonlyMap<number, (content: Uint8Array) => Problem> = new Map([
  [TAG.BOOLEAN, checkBoolean],
  [TAG.INTEGER, checkInteger],
  [TAG.ENUMERATED, checkInteger],
  [TAG.BIT_STRING, checkBitString],
  [TAG.NULL, (content): Problem => (content.length === 0 ? undefined : 'NULL with content')],
  [TAG.OBJECT_IDENTIFIER, checkOid],
  [TAG.UTF8_STRING, checkUtf8],
  [
    TAG.NUMERIC_STRING,
    (content): Problem =>
      content.every((octet) => octet === 0x20 || (octet >= 0x30 && octet <= 0x39))
        ? undefined
        : 'NumericString with other characters',
  ],
  [TAG.PRINTABLE_STRING, checkPrintable],
  [TAG.IA5_STRING, checkIa5],
  [TAG.VISIBLE_STRING, checkIa5],
  [TAG.UTC_TIME, (content): Problem => checkTime(content, /^\d{12}Z$/)],
  [TAG.GENERALIZED_TIME, (content): Problem => checkTime(content, /^\d{14}(?:\.\d{0,8}[1-9])?Z$/)],
])

/** @throws CertificateError CERTIFICATE_DER_INVALID */
export function checkPrimitive(tag: number, content: Uint8Array, offset: number, what: string): void {
  const problem = CHECKS.get(tag)?.(content)
  if (problem !== undefined)
    throw new CertificateError('CERTIFICATE_DER_INVALID', `${what}: ${problem} at byte ${offset}`)
}

function checkBoolean(content: Uint8Array): Problem {
  return content.length === 1 && (content[0] === 0 || content[0] === 0xff) ? undefined : 'BOOLEAN other than 00 and ff'
}

function checkInteger(content: Uint8Array): Problem {
  const [first, second = 0] = content
  if (first === undefined) return 'empty INTEGER'
  const superfluous = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  return superfluous ? 'INTEGER that is not minimal' : undefined
}

function checkBitString(content: Uint8Array): Problem {
  const unused = content[0]
  if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0))
    return 'BIT STRING with a wrong count of unused bits'
  return ((content.at(-1) ?? 0) & ((1 << unused) - 1)) === 0 || content.length === 1
    ? undefined
    : 'BIT STRING with padding bits set'
}

function checkOid(content: Uint8Array): Problem {
  if (content.length === 0 || content.length > MAX_OID_BYTES) return 'OBJECT IDENTIFIER that is empty or too long'
  if ((content.at(-1) ?? 0x80) >= 0x80) return 'OBJECT IDENTIFIER that is cut short'
  // An arc that starts with 80 has a leading zero: a second spelling of the same OID.
  return content.some((octet, i) => octet === 0x80 && (content[i - 1] ?? 0) < 0x80)
    ? 'OBJECT IDENTIFIER that is not minimal'
    : undefined
}

function checkUtf8(content: Uint8Array): Problem {
  return isUtf8(content) ? undefined : 'UTF8String that is not UTF-8'
}

function checkPrintable(content: Uint8Array): Problem {
  // `*` and `&` are not printable in the standard, and are in certificates; Go takes them as well.
  return /^[A-Za-z0-9 '()+,\-./:=?*&]*$/.test(Buffer.from(content).toString('latin1'))
    ? undefined
    : 'PrintableString with other characters'
}

function checkIa5(content: Uint8Array): Problem {
  return content.every((octet) => octet < 0x80) ? undefined : 'text that is not ASCII'
}

function checkTime(content: Uint8Array, form: RegExp): Problem {
  return content.length <= 32 && form.test(Buffer.from(content).toString('latin1'))
    ? undefined
    : 'time in another form than DER has'
}
