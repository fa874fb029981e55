/** Not imported from the reader: a wrong tag there would agree with itself. */
const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  UTF8_STRING: 0x0c,
  PRINTABLE_STRING: 0x13,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const

function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents)
  return Uint8Array.from([tag, ...lengthOctets(content.length), ...content])
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const octets = [...Buffer.from(length.toString(16).padStart(8, '0'), 'hex')]
  const significant = octets.slice(octets.findIndex((octet) => octet !== 0))
  return [0x80 | significant.length, ...significant]
}

function integer(value: bigint | number): Uint8Array {
  const number = BigInt(value)
  const magnitude = number < 0n ? ~number : number
  const octets = magnitude === 0n ? 1 : Math.floor(magnitude.toString(2).length / 8) + 1
  return element(
    TAG.INTEGER,
    Buffer.from(
      BigInt.asUintN(octets * 8, number)
        .toString(16)
        .padStart(octets * 2, '0'),
      'hex',
    ),
  )
}

function oid(dotted: string): Uint8Array {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt)
  return element(TAG.OBJECT_IDENTIFIER, Uint8Array.from([first * 40n + second, ...rest].flatMap(base128)))
}

function base128(arc: bigint): readonly number[] {
  const octets = [Number(arc & 0x7fn)]
  for (let left = arc >> 7n; left > 0n; left >>= 7n) octets.unshift(Number(left & 0x7fn) | 0x80)
  return octets
}

function time(date: Date): Uint8Array {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')
  const year = date.getUTCFullYear()
  return year >= 1950 && year < 2050 ? text(TAG.UTC_TIME, digits.slice(2)) : text(TAG.GENERALIZED_TIME, digits)
}

function text(tag: number, value: string): Uint8Array {
  return element(tag, Buffer.from(value, 'utf8'))
}

/** With a fraction of a second only if there is one, and without trailing zeros. */
function generalizedDigits(date: Date): string {
  const [seconds = '', millis = ''] = date
    .toISOString()
    .replace(/[-:TZ]/g, '')
    .split('.')
  const fraction = String(Number(`0.${millis}`)).slice(1)
  return `${seconds}${fraction}Z`
}

export interface DerWriter {
  /** One element with any tag and content, so that tests can also write malformed DER. */
  element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array
  integer(value: bigint | number): Uint8Array
  oid(dotted: string): Uint8Array
  /** UTCTime until 2049 and GeneralizedTime from 2050, as RFC 5280 requires. */
  time(date: Date): Uint8Array
  generalizedTime(date: Date): Uint8Array
  /** A string with the tag of any string type. */
  text(tag: number, value: string): Uint8Array
  utf8(value: string): Uint8Array
  printable(value: string): Uint8Array
  ia5(value: string): Uint8Array
  boolean(value: boolean): Uint8Array
  null(): Uint8Array
  octetString(content: Uint8Array): Uint8Array
  bitString(content: Uint8Array, unusedBits?: number): Uint8Array
  sequence(...parts: readonly Uint8Array[]): Uint8Array
  set(...parts: readonly Uint8Array[]): Uint8Array
  /** `[number]`. */
  context(number: number, form: 'constructed' | 'primitive', ...parts: readonly Uint8Array[]): Uint8Array
}

/** Writes DER: `der.sequence(der.integer(1), der.oid('1.2.3'))`. */
export const der: DerWriter = {
  element,
  integer,
  oid,
  time,
  generalizedTime: (date) => text(TAG.GENERALIZED_TIME, generalizedDigits(date)),
  text,
  utf8: (value) => text(TAG.UTF8_STRING, value),
  printable: (value) => text(TAG.PRINTABLE_STRING, value),
  ia5: (value) => text(TAG.IA5_STRING, value),
  boolean: (value) => element(TAG.BOOLEAN, Uint8Array.of(value ? 0xff : 0)),
  null: () => element(TAG.NULL),
  octetString: (content) => element(TAG.OCTET_STRING, content),
  bitString: (content, unusedBits = 0) => element(TAG.BIT_STRING, Uint8Array.of(unusedBits), content),
  sequence: (...parts) => element(TAG.SEQUENCE, ...parts),
  set: (...parts) => element(TAG.SET, ...parts),
  context: (number, form, ...parts) => element((form === 'constructed' ? 0xa0 : 0x80) | number, ...parts),
}

/** Encodes DER as PEM. */
export function toPem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
