import { CertificateError } from './certificate-error.ts'
import type { DerElement } from './der/cursor.ts'
import { contextTag } from './der/tag.ts'
import { ipText } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { shown } from './message-text.ts'

export type NameSubtree =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly text: string }
  | { readonly kind: 'ip'; readonly text: string; readonly address: Uint8Array; readonly mask: Uint8Array }

type ConstrainedName = Extract<GeneralName, { readonly kind: NameSubtree['kind'] }>

const KINDS: ReadonlyMap<number, 'dns' | 'email' | 'uri' | 'ip'> = new Map([
  [contextTag(1, 'primitive'), 'email'],
  [contextTag(2, 'primitive'), 'dns'],
  [contextTag(6, 'primitive'), 'uri'],
  [contextTag(7, 'primitive'), 'ip'],
])

/**
 * Reads the base of a subtree; `undefined` for an unsupported kind of name.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 */
export function readSubtreeBase(element: DerElement): NameSubtree | undefined {
  const kind = KINDS.get(element.tag)
  if (kind === undefined) return undefined
  if (kind === 'ip') return readIpRange(element.content)
  const text = Buffer.from(element.content).toString('latin1').toLowerCase()
  const domain = kind === 'email' && text.includes('@') ? mailboxDomain(text) : text
  if (domain === undefined || !isDomain(domain.startsWith('.') ? domain.slice(1) : domain, domain === '')) {
    throw new CertificateError('CERTIFICATE_MALFORMED', `nameConstraints: expected a domain, got \`${shown(text)}\``)
  }
  return { kind, text }
}

function readIpRange(octets: Uint8Array): NameSubtree {
  const half = octets.length / 2
  const [address, mask] = [octets.subarray(0, half), octets.subarray(half)]
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('')
  if ((octets.length !== 8 && octets.length !== 32) || bits.includes('01'))
    throw new CertificateError('CERTIFICATE_MALFORMED', 'nameConstraints: expected an IP address and a contiguous mask')
  return { kind: 'ip', text: `${ipText(address) ?? ''}/${bits.replaceAll('0', '').length}`, address, mask }
}

/**
 * Returns whether a name is within a subtree of its kind.
 *
 * A name that cannot be parsed is within every excluded subtree and no permitted one. A wildcard is within an excluded
 * subtree if it could match a name that is.
 */
export function isWithin(name: ConstrainedName, subtree: NameSubtree, list: 'permitted' | 'excluded'): boolean {
  if (subtree.kind === 'ip') {
    return (
      name.kind === 'ip' &&
      name.bytes.length === subtree.address.length &&
      subtree.address.every((octet, i) => ((octet ^ (name.bytes[i] ?? 0)) & (subtree.mask[i] ?? 0)) === 0)
    )
  }
  const text = name.text
  if (subtree.kind === 'email' && subtree.text.includes('@')) return isMailbox(text, subtree.text, list)
  const domain = name.kind === 'dns' ? text.toLowerCase() : name.kind === 'email' ? mailboxDomain(text) : uriHost(text)
  if (domain === undefined || !isDomain(domain.startsWith('*.') ? domain.slice(2) : domain, false))
    return list === 'excluded'
  if (inDomain(domain, subtree)) return true
  return list === 'excluded' && domain.startsWith('*.') && subtree.text.endsWith(domain.slice(1))
}

/**
 * For DNS names, a domain covers its subdomains. For e-mail addresses and URIs it covers that host only, and `.domain`
 * covers the subdomains. The empty string covers everything.
 */
function inDomain(domain: string, { kind, text }: NameSubtree): boolean {
  if (text === '') return true
  if (text.startsWith('.')) return domain.length > text.length && domain.endsWith(text)
  return domain === text || (kind === 'dns' && domain.endsWith(`.${text}`))
}

/** Local parts are compared exactly when permitted and case-insensitively when excluded: the stricter way of each. */
function isMailbox(text: string, mailbox: string, list: 'permitted' | 'excluded'): boolean {
  const domain = mailboxDomain(text)
  if (domain === undefined) return list === 'excluded'
  return (
    text.toLowerCase() === mailbox &&
    (list === 'excluded' || text.slice(0, text.lastIndexOf('@')) === mailbox.slice(0, mailbox.lastIndexOf('@')))
  )
}

/** Returns the domain of `local@domain`; quoted local parts are treated as unparsable. */
function mailboxDomain(text: string): string | undefined {
  return /^[^\s"@]+@([^\s"@]+)$/.exec(text)?.[1]?.toLowerCase()
}

/** Returns the host of a URI; `undefined` for IP addresses and for a URI without a host. */
function uriHost(text: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1]
  const host = authority
    ?.slice(authority.lastIndexOf('@') + 1)
    .replace(/:\d*$/, '')
    .toLowerCase()
  return host === undefined || /^[\d.]+$/.test(host) ? undefined : host
}

function isDomain(text: string, emptyAllowed: boolean): boolean {
  return text === ''
    ? emptyAllowed
    : text.length <= 253 && text.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label))
}
