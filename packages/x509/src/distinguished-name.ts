import { CertificateError } from './certificate-error.ts'
import { contentOf } from './der/cursor.ts'
import type { DerElement } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { readOid, readText } from './der/values.ts'
import { MAX_LIST_LENGTH } from './limits.ts'

export interface NameAttribute {
  readonly oid: string
  /** `CN`, `O`, … if RFC 4514 or Go has a short name. */
  readonly name?: string
  readonly value: string
  /** The tag of the value's string type, such as {@link TAG}`.UTF8_STRING`. */
  readonly stringType: number
}

export interface DistinguishedName {
  /** The DER. Names are compared by these bytes only. */
  readonly raw: Uint8Array
  /**
   * RFC 4514, most specific part first, escaped as in Go: `CN=signer,O=acme`. For display only: two names may print
   * alike.
   */
  readonly text: string
  /** Relative distinguished names in encoded order, each with its attributes (usually one). */
  readonly parts: readonly (readonly NameAttribute[])[]
  readonly commonName?: string
}

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'SERIALNUMBER'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.17', 'POSTALCODE'],
])

/**
 * Reads a Name.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED, CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 5280, 4.1.2.4
 */
export function readDistinguishedName(element: DerElement, what: string): DistinguishedName {
  const texts: string[] = []
  const parts: NameAttribute[][] = []
  for (const set of contentOf(element, what).readAll(TAG.SET, 'relative name', MAX_LIST_LENGTH)) {
    const attributes = contentOf(set, what, TAG.SET)
      .readAll(TAG.SEQUENCE, 'attribute', MAX_LIST_LENGTH)
      .map((attribute) => readAttribute(attribute, what))
    if (attributes.length === 0)
      throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: expected at least one attribute in a relative name`)
    texts.unshift(attributes.map(({ text }) => text).join('+'))
    parts.push(attributes.map(({ attribute }) => attribute))
  }
  const commonName = parts.flat().findLast(({ name }) => name === 'CN')?.value
  return { raw: element.raw, text: texts.join(','), parts, ...(commonName === undefined ? {} : { commonName }) }
}

function readAttribute(
  element: DerElement,
  what: string,
): { readonly attribute: NameAttribute; readonly text: string } {
  const cursor = contentOf(element, what)
  const oid = readOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'attribute type'))
  const valueElement = cursor.next('attribute value')
  cursor.end()
  const value = readText(valueElement)
  if (value === undefined)
    throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: expected a string as the value of attribute ${oid}`)
  const name = SHORT_NAMES.get(oid)
  const { tag: stringType } = valueElement
  return name === undefined
    ? { attribute: { oid, value, stringType }, text: `${oid}=#${Buffer.from(valueElement.raw).toString('hex')}` }
    : { attribute: { oid, name, value, stringType }, text: `${name}=${escapeValue(value)}` }
}

/**
 * The string types of a DirectoryString that is an identity. RFC 5280 also lists TeletexString and UniversalString:
 * readers disagree about what the octets of the one mean, and few read the other.
 */
const DIRECTORY_STRING: readonly number[] = [TAG.PRINTABLE_STRING, TAG.UTF8_STRING, TAG.BMP_STRING]

const DEFINED_STRING_TYPES: ReadonlyMap<string, readonly number[]> = new Map([
  ...['CN', 'L', 'ST', 'STREET', 'O', 'OU', 'POSTALCODE'].map((name) => [name, DIRECTORY_STRING] as const),
  ['C', [TAG.PRINTABLE_STRING]],
  ['SERIALNUMBER', [TAG.PRINTABLE_STRING]],
])

/**
 * Returns whether the value of an attribute has a string type that RFC 5280 defines for the attribute. Only then may it
 * count as an identity: the same octets in another type are a different name to another verifier.
 *
 * @see RFC 5280, appendix A.1
 */
export function hasDefinedStringType({ name = '', stringType }: NameAttribute): boolean {
  return DEFINED_STRING_TYPES.get(name)?.includes(stringType) ?? false
}

/** @see RFC 4514, 2.4 */
function escapeValue(value: string): string {
  const characters = Array.from(value)
  return characters
    .map((character, i) => {
      const special =
        ',+"\\<>;'.includes(character) ||
        (character === ' ' && (i === 0 || i === characters.length - 1)) ||
        (character === '#' && i === 0)
      return special ? `\\${character}` : character
    })
    .join('')
}
