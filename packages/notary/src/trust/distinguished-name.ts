import { Buffer } from 'node:buffer'
import { trimEnd } from '@verify-images/primitives'
import { hasDefinedStringType } from '@verify-images/x509'
import type { Certificate } from '@verify-images/x509'

/** The attributes of a distinguished name by type, each once. */
export type NameAttributes = ReadonlyMap<string, string>

/** The specification requires these: a name without them identifies too little. */
const MANDATORY = ['C', 'ST', 'O'] as const

/** `S` is an alias of `ST`. */
function canonicalType(type: string): string {
  return type === 'S' ? 'ST' : type
}

/**
 * Parses a distinguished name in text form, or returns what is wrong with it.
 *
 * There is only one reading: a separator, quote or angle bracket in a value must be escaped; encoded values (`#…`),
 * multi-valued parts and a type that occurs twice are rejected.
 *
 * @see RFC 4514, 3; Notary Project, trust store and trust policy: Trusted Identities Constraints
 */
export function parseNameAttributes(text: string): NameAttributes | { readonly problem: string } {
  const attributes = new Map<string, string>()
  for (const part of splitUnescaped(text)) {
    const equals = part.indexOf('=')
    const type = canonicalType(part.slice(0, equals).trim())
    if (equals < 1 || !/^[A-Z][A-Z0-9-]*$/i.test(type)) return { problem: 'expected TYPE=value in each part' }
    const value = unescapeValue(trimUnescaped(part.slice(equals + 1)))
    if (typeof value !== 'string') return value
    if (attributes.has(type)) return { problem: `attribute \`${type}\` occurs twice` }
    attributes.set(type, value)
  }
  return checked(attributes)
}

/**
 * Returns the attributes of a certificate's subject, or why it cannot be compared.
 *
 * They come from the certificate and not from its printed form, in which a value could look like further attributes.
 * Each must have a string type that RFC 5280 defines for it: the same bytes in another type are another name to another
 * verifier.
 */
export function subjectAttributes({ subject }: Certificate): NameAttributes | { readonly problem: string } {
  const attributes = new Map<string, string>()
  for (const [attribute, ...others] of subject.parts) {
    if (!attribute || others.length > 0) return { problem: 'a part has several attributes' }
    if (attribute.name === undefined) return { problem: `attribute ${attribute.oid} has no short name` }
    if (!hasDefinedStringType(attribute))
      return { problem: `attribute \`${attribute.name}\` has a string type that RFC 5280 does not define for it` }
    if (attributes.has(attribute.name)) return { problem: `attribute \`${attribute.name}\` occurs twice` }
    attributes.set(attribute.name, attribute.value)
  }
  return checked(attributes)
}

/** Returns whether every attribute of `wanted` is in `found` with the same value. */
export function isSubset(wanted: NameAttributes, found: NameAttributes): boolean {
  return [...wanted].every(([type, value]) => found.get(type) === value)
}

function checked(attributes: NameAttributes): NameAttributes | { readonly problem: string } {
  const missing = MANDATORY.filter((type) => !attributes.get(type))
  return missing.length === 0
    ? attributes
    : { problem: `attribute \`${missing.join('`, `')}\` is missing; C, ST and O are required` }
}

function splitUnescaped(text: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === ',') {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  return [...parts, text.slice(start)]
}

/** Spaces around a value are not part of it, unless the last one is escaped. */
function trimUnescaped(value: string): string {
  const left = value.trimStart()
  const trimmed = left.trimEnd()
  const escapes = trimmed.length - trimEnd(trimmed, '\\').length
  return escapes % 2 === 1 && trimmed.length < left.length ? left.slice(0, trimmed.length + 1) : trimmed
}

const mustBeEscaped: ReadonlySet<string> = new Set(['"', '+', ',', ';', '<', '>'])
const hexPair = /^[0-9a-f]{2}$/i

function unescapeValue(text: string): string | { readonly problem: string } {
  if (text.startsWith('#')) return { problem: 'an encoded value (`=#`) cannot be compared' }
  const bytes: Buffer[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i)
    if (character !== '\\') {
      if (mustBeEscaped.has(character)) return { problem: `\`${character}\` must be escaped` }
      // A surrogate pair is one character.
      const point = String.fromCodePoint(text.codePointAt(i) ?? 0)
      i += point.length - 1
      bytes.push(Buffer.from(point))
    } else if (hexPair.test(text.slice(i + 1, i + 3))) {
      bytes.push(Buffer.from(text.slice(i + 1, i + 3), 'hex'))
      i += 2
    } else if (mustBeEscaped.has(text.charAt(i + 1)) || [' ', '#', '=', '\\'].includes(text.charAt(i + 1))) {
      bytes.push(Buffer.from(text.charAt(++i)))
    } else return { problem: 'expected a valid escape after `\\`' }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes))
  } catch {
    return { problem: 'expected UTF-8 in every value' }
  }
}
