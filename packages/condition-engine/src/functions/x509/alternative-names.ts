import type { Json } from '../../values/json.ts'
import { parseGoUrl, UrlFault } from '../url/go-url.ts'
import type { GoUrl } from '../url/go-url.ts'
import { contextTag, DerReader, TAG, X509Fault } from './der-reader.ts'
import { asciiText } from './der-text.ts'

/** The fields that a subjectAltName fills; null where there is none of a kind. */
export interface AlternativeNames {
  readonly DNSNames: readonly string[] | null
  readonly EmailAddresses: readonly string[] | null
  readonly IPAddresses: readonly string[] | null
  readonly URIs: readonly Json[] | null
}

export const NO_NAMES: AlternativeNames = { DNSNames: null, EmailAddresses: null, IPAddresses: null, URIs: null }

/** Other kinds of names are overlooked. */
export function readAlternativeNames(extension: Buffer): AlternativeNames {
  const names = {
    DNSNames: new Array<string>(),
    EmailAddresses: new Array<string>(),
    IPAddresses: new Array<string>(),
    URIs: new Array<Json>(),
  }
  const reader = new DerReader(extension).enter(TAG.sequence, 'subject alternative names')
  while (!reader.isEmpty) {
    const { tag, content } = reader.readAny('subject alternative name')
    if (tag === contextTag(1)) names.EmailAddresses.push(asciiText(content, 'SAN rfc822Name'))
    else if (tag === contextTag(2)) names.DNSNames.push(asciiText(content, 'SAN dNSName'))
    else if (tag === contextTag(6)) names.URIs.push(uriJson(asciiText(content, 'SAN uniformResourceIdentifier')))
    else if (tag === contextTag(7)) names.IPAddresses.push(addressText(content))
  }
  const listed = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list)
  return {
    DNSNames: listed(names.DNSNames),
    EmailAddresses: listed(names.EmailAddresses),
    IPAddresses: listed(names.IPAddresses),
    URIs: listed(names.URIs),
  }
}

function uriJson(text: string): Json {
  const url = urlOf(text)
  if (url.host !== '' && !isDomainName(url.host, false))
    throw new X509Fault(`x509: cannot parse URI ${JSON.stringify(text)}: invalid domain`)
  return {
    Scheme: url.scheme,
    Opaque: url.opaque,
    User: url.hasUser ? {} : null,
    Host: url.host,
    Path: url.path,
    Fragment: url.fragment,
    RawQuery: url.rawQuery,
    RawPath: url.rawPath,
    RawFragment: url.rawFragment,
    ForceQuery: url.forceQuery,
    OmitHost: url.omitHost,
  }
}

function urlOf(text: string): GoUrl {
  try {
    return parseGoUrl(text)
  } catch (error) {
    if (error instanceof UrlFault)
      throw new X509Fault(`x509: cannot parse URI ${JSON.stringify(text)}: ${error.message}`)
    throw error
  }
}

/** What Go accepts as a domain; a constraint may begin with a dot. */
export function isDomainName(text: string, constraint: boolean): boolean {
  if (text === '') return true
  const labels = (constraint && text.startsWith('.') ? text.slice(1) : text).split('.')
  // The original measures the first label from the start, dots included, so an empty one in front is found all the same.
  return labels.every((label) => label !== '') && /^[\x21-\x7e]*$/.test(text)
}

/** An address of 4 or 16 bytes as text; an IPv4 address in an IPv6 one as the IPv4 address it is. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new X509Fault(`x509: cannot parse IP address of length ${bytes.length}`)
  if (bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'))) return bytes.subarray(12).join('.')
  return compressed(Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(2 * group)))
}

/** IPv6 text: the longest run of two zero groups or more is `::`, the first of several. */
function compressed(groups: readonly number[]): string {
  let best = { start: 0, length: 1 }
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start > best.length) best = { start, length: end - start }
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.length < 2) return hex.join(':')
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`
}
