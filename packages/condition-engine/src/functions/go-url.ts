import { isIPv4, isIPv6 } from 'node:net'
import { bytesOfText, textOfBytes } from './byte-text.ts'

/**
 * A URL as Go's `net/url` splits it. The WHATWG parser of JavaScript corrects what it reads; a policy has to see the
 * host that Go saw.
 */
export interface GoUrl {
  readonly scheme: string
  readonly opaque: string
  readonly hasUser: boolean
  /** With the port, and IPv6 addresses in brackets. */
  readonly host: string
  readonly path: string
  readonly rawPath: string
  readonly fragment: string
  readonly rawFragment: string
  readonly rawQuery: string
  readonly forceQuery: boolean
  readonly omitHost: boolean
}

/** What is wrong with a URL, in Go's words. */
export class UrlFault extends Error {
  override readonly name = 'UrlFault'
}

const SCHEME = /^([a-z][a-z0-9+.-]*):/i
const PORT = /^(?::\d*)?$/
const USER = /^[\w.~!$&'()*+,;=%:@-]*$/
const HEX_PAIR = /^[0-9a-f]{2}$/i
/** Characters that a part need not escape, beside letters and digits. */
const HOST_PLAIN = /[-_.~!$&'()*+,;=:[\]<>"]/
const PATH_ESCAPED = /[^\w.~$&+,/:;=@-]/g
const FRAGMENT_ESCAPED = /[^\w.~$&+,/:;=?@!()*-]/g

/**
 * @throws UrlFault
 * @see Go, package net/url: Parse
 */
export function parseGoUrl(text: string): GoUrl {
  // Bytes as characters, so that every step below sees what Go sees.
  const bytes = bytesOfText(text).toString('latin1')
  const [beforeFragment, rawFragment = ''] = cut(bytes, '#')
  if (hasControl(beforeFragment)) throw new UrlFault('net/url: invalid control character in URL')
  if (beforeFragment.startsWith(':')) throw new UrlFault('missing protocol scheme')
  const scheme = (SCHEME.exec(beforeFragment)?.[1] ?? '').toLowerCase()
  const afterScheme = scheme === '' ? beforeFragment : beforeFragment.slice(scheme.length + 1)
  const forceQuery = afterScheme.indexOf('?') === afterScheme.length - 1 && afterScheme.endsWith('?')
  const [rest, rawQuery = ''] = cut(afterScheme, '?')
  const fragment = unescape(rawFragment)
  const parts = {
    scheme,
    rawQuery: decode(rawQuery),
    forceQuery,
    fragment: decode(fragment),
    rawFragment: kept(rawFragment, fragment, FRAGMENT_ESCAPED),
  }
  if (!rest.startsWith('/') && scheme !== '')
    return { ...parts, opaque: decode(rest), hasUser: false, host: '', path: '', rawPath: '', omitHost: false }
  if (!rest.startsWith('/') && rest !== '*' && (cut(rest, '/')[0] ?? '').includes(':'))
    throw new UrlFault('first path segment in URL cannot contain colon')
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))
  const [authority, rawPath] = hasAuthority ? splitAuthority(rest.slice(2)) : ['', rest]
  const path = unescape(rawPath)
  return {
    ...parts,
    opaque: '',
    hasUser: readUser(authority),
    host: decode(readHost(authority.slice(authority.lastIndexOf('@') + 1), scheme)),
    path: decode(path),
    rawPath: beforeFragment === '*' ? '' : kept(rawPath, path, PATH_ESCAPED),
    omitHost: !hasAuthority && scheme !== '',
  }
}

/** Returns the host without port and brackets. */
export function hostName({ host }: GoUrl): string {
  const colon = host.lastIndexOf(':')
  const name = colon >= 0 && PORT.test(host.slice(colon)) ? host.slice(0, colon) : host
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
}

function hasControl(bytes: string): boolean {
  for (let at = 0; at < bytes.length; at++)
    if (bytes.charCodeAt(at) < 0x20 || bytes.charCodeAt(at) === 0x7f) return true
  return false
}

function cut(text: string, separator: string): [before: string, after?: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}

function splitAuthority(text: string): [authority: string, path: string] {
  const slash = text.indexOf('/')
  return slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash)]
}

function readUser(authority: string): boolean {
  const at = authority.lastIndexOf('@')
  if (at < 0) return false
  const user = authority.slice(0, at)
  if (!USER.test(user)) throw new UrlFault('net/url: invalid userinfo')
  unescape(user)
  return true
}

function readHost(host: string, scheme: string): string {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) throw new UrlFault('invalid IP-literal')
  if (bracket === 0) return readAddress(host)
  const colon = scheme === 'http' || scheme === 'https' ? host.indexOf(':') : host.lastIndexOf(':')
  if (colon >= 0 && !PORT.test(host.slice(colon))) throw new UrlFault('invalid port after host')
  return unescapeHost(host)
}

/** An IPv6 address in brackets, which may have a zone after `%25`. */
function readAddress(host: string): string {
  const close = host.lastIndexOf(']')
  if (close < 0) throw new UrlFault("missing ']' in host")
  const port = host.slice(close + 1)
  if (!PORT.test(port)) throw new UrlFault('invalid port after host')
  const inside = host.slice(1, close)
  const zone = inside.indexOf('%25')
  const address = zone < 0 ? unescapeHost(inside) : unescapeHost(inside.slice(0, zone))
  if (!isIPv6(address) || isIPv4(address) || inside.endsWith('%25')) throw new UrlFault('invalid host')
  return `[${address}${zone < 0 ? '' : unescapeZone(inside.slice(zone))}]${port}`
}

/** A zone may escape a blank, the percent sign, and what it may hold unescaped. */
function unescapeZone(zone: string): string {
  const plain = unescape(zone)
  const unexpected = [...plain].find((character) => !/[A-Za-z0-9% ]/.test(character) && !HOST_PLAIN.test(character))
  if (unexpected !== undefined) throw new UrlFault(`invalid character ${JSON.stringify(unexpected)} in host name`)
  return plain
}

function unescapeHost(host: string): string {
  for (const [at, character] of [...host].entries()) {
    const isPlain = character.charCodeAt(0) >= 0x80 || /[A-Za-z0-9%]/.test(character) || HOST_PLAIN.test(character)
    if (!isPlain) throw new UrlFault(`invalid character ${JSON.stringify(character)} in host name`)
    // Only bytes beyond ASCII may be escaped in a host, and the percent sign.
    const escape = host.slice(at, at + 3)
    if (character === '%' && /^%[0-7]/.test(escape) && escape !== '%25')
      throw new UrlFault(`invalid URL escape ${JSON.stringify(escape)}`)
  }
  return unescape(host)
}

function unescape(text: string): string {
  if (!text.includes('%')) return text
  const [first = '', ...escaped] = text.split('%')
  return (
    first +
    escaped
      .map((part) => {
        const hex = part.slice(0, 2)
        if (!HEX_PAIR.test(hex)) throw new UrlFault(`invalid URL escape ${JSON.stringify(`%${hex}`)}`)
        return String.fromCharCode(Number.parseInt(hex, 16)) + part.slice(2)
      })
      .join('')
  )
}

/** Returns the text as written, if escaping the decoded text gives another one. */
function kept(raw: string, plain: string, escaped: RegExp): string {
  const usual = plain.replace(
    escaped,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
  return usual === raw ? '' : decode(raw)
}

function decode(bytes: string): string {
  return textOfBytes(Buffer.from(bytes, 'latin1')).text
}
