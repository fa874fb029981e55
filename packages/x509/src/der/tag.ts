/** Identifier octets of the DER types that certificates, timestamps, OCSP and CRLs are made of. */
export const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  NUMERIC_STRING: 0x12,
  PRINTABLE_STRING: 0x13,
  T61_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  VISIBLE_STRING: 0x1a,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const

const NAMES = new Map<number, string>(Object.entries(TAG).map(([name, tag]) => [tag, name.replaceAll('_', ' ')]))

/** Returns the identifier octet of `[number]`, constructed unless told otherwise. */
export function contextTag(number: number, form: 'constructed' | 'primitive' = 'constructed'): number {
  return 0x80 | (form === 'constructed' ? 0x20 : 0) | number
}

/** Returns a tag as messages show it: `SEQUENCE`, `[0]`, `0x7f`. */
export function tagName(tag: number): string {
  return NAMES.get(tag) ?? ((tag & 0xc0) === 0x80 ? `[${tag & 0x1f}]` : `0x${tag.toString(16).padStart(2, '0')}`)
}
