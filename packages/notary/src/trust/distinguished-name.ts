import { Buffer } from 'node:buffer'
import type { Certificate } from '@verify-images/x509'

/** Attributes of a distinguished name by type, each once. */
export type NameAttributes = ReadonlyMap<string, string>

/** Without these a name says too little of who somebody is. */
const MANDATORY = ['C', 'ST', 'O'] as const

/** `S` is another name of `ST`. */
function canonicalType(type: string): string {
  return type === 'S' ? 'ST' : type
}

/**
 * The attributes of a distinguished name in text form, or what is wrong with it.
 *
 * One reading only: a separator, quote or angle bracket must be escaped to be part of a value; encoded values (`#…`),
 * several attributes in one part and a type that occurs twice are refused.
 *
 * @see RFC 4514, 3; Notary Project, trust store and trust policy: Trusted Identities Constraints
 */
export function parseNameAttributes(text: string): NameAttributes | { readonly problem: string } {
  const attributes = new Map<string, string>()
  for (const part of splitUnescaped(text)) {
    const equals = part.indexOf('=')
    const type = canonicalType(part.slice(0, equals).trim())
    if (equals < 1 || !/^[A-Z][A-Z0-9-]*$/i.test(type)) return { problem: 'a part is not TYPE=value' }
    const value = unescapeValue(trimUnescaped(part.slice(equals + 1)))
    if (typeof value !== 'string') return value
    if (attributes.has(type)) return { problem: `attribute \`${type}\` occurs twice` }
    attributes.set(type, value)
  }
  return checked(attributes)
}

/**
 * The attributes of a certificate's subject, or why it cannot be compared.
 *
 * They are read from the certificate and not from its printed form, in which values could pretend to be attributes.
 */
export function subjectAttributes({ subject }: Certificate): NameAttributes | { readonly problem: string } {
  const attributes = new Map<string, string>()
  for (const [attribute, ...others] of subject.parts) {
    if (!attribute || others.length > 0) return { problem: 'several attributes in one part' }
    if (attribute.name === undefined) return { problem: `attribute ${attribute.oid} has no short name` }
    if (attributes.has(attribute.name)) return { problem: `attribute \`${attribute.name}\` occurs twice` }
    attributes.set(attribute.name, attribute.value)
  }
  return checked(attributes)
}

/** Whether every attribute of `wanted` is in `found` with the same value. */
export function isSubset(wanted: NameAttributes, found: NameAttributes): boolean {
  return [...wanted].every(([type, value]) => found.get(type) === value)
}

function checked(attributes: NameAttributes): NameAttributes | { readonly problem: string } {
  const missing = MANDATORY.filter((type) => !attributes.get(type))
  return missing.length === 0
    ? attributes
    : { problem: `attribute \`${missing.join('`, `')}\` is missing; C, ST and O must be there` }
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

/** Blanks around a value are no part of it, unless the last one is escaped. */
function trimUnescaped(value: string): string {
  const left = value.trimStart()
  const trimmed = left.trimEnd()
  const escapes = trimmed.length - trimEndOf(trimmed, '\\').length
  return escapes % 2 === 1 && trimmed.length < left.length ? left.slice(0, trimmed.length + 1) : trimmed
}

function trimEndOf(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
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
      // A surrogate pair is one character; half of one is none.
      const point = String.fromCodePoint(text.codePointAt(i) ?? 0)
      i += point.length - 1
      bytes.push(Buffer.from(point))
    } else if (hexPair.test(text.slice(i + 1, i + 3))) {
      bytes.push(Buffer.from(text.slice(i + 1, i + 3), 'hex'))
      i += 2
    } else if (mustBeEscaped.has(text.charAt(i + 1)) || [' ', '#', '=', '\\'].includes(text.charAt(i + 1))) {
      bytes.push(Buffer.from(text.charAt(++i)))
    } else return { problem: 'an escape is malformed' }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes))
  } catch {
    return { problem: 'a value is not UTF-8' }
  }
}
