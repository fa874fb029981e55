import { isIP } from 'node:net'
import type { Json, JsonObject } from '../../values/json.ts'
import { addressText, isDomainName } from './alternative-names.ts'
import { contextTag, DerReader, TAG, X509Fault } from './der-reader.ts'
import { asciiText } from './der-text.ts'

const WHAT = 'name constraints'

interface Subtrees {
  readonly domains: string[]
  readonly ranges: Json[]
  readonly emails: string[]
  readonly uriDomains: string[]
  unhandled: boolean
}

/** The fields that nameConstraints fill, and whether it names something Go does not understand. */
export function readNameConstraints(
  extension: Buffer,
  critical: boolean,
): { readonly fields: JsonObject; readonly unhandled: boolean } {
  const outer = new DerReader(extension)
  const reader = outer.enter(TAG.sequence, WHAT)
  const permitted = reader.readOptional(contextTag(0, true), WHAT)?.content ?? Buffer.alloc(0)
  const excluded = reader.readOptional(contextTag(1, true), WHAT)?.content ?? Buffer.alloc(0)
  if (!outer.isEmpty || !reader.isEmpty) throw new X509Fault('x509: invalid NameConstraints extension')
  if (permitted.length === 0 && excluded.length === 0) throw new X509Fault('x509: empty name constraints extension')
  const allowed = readSubtrees(permitted)
  const refused = readSubtrees(excluded)
  return {
    fields: {
      ...fieldsOf('Permitted', allowed),
      ...fieldsOf('Excluded', refused),
      PermittedDNSDomainsCritical: critical,
    },
    // The original forgets about the first of the two when it reads the second.
    unhandled: allowed.unhandled || refused.unhandled,
  }
}

export function fieldsOf(prefix: 'Permitted' | 'Excluded', subtrees?: Subtrees): JsonObject {
  const listed = (list: readonly Json[] = []): Json => (list.length === 0 ? null : list)
  return {
    [`${prefix}DNSDomains`]: listed(subtrees?.domains),
    [`${prefix}IPRanges`]: listed(subtrees?.ranges),
    [`${prefix}EmailAddresses`]: listed(subtrees?.emails),
    [`${prefix}URIDomains`]: listed(subtrees?.uriDomains),
  }
}

function readSubtrees(content: Buffer): Subtrees {
  const subtrees: Subtrees = { domains: [], ranges: [], emails: [], uriDomains: [], unhandled: false }
  const reader = new DerReader(content)
  while (!reader.isEmpty) {
    const { tag, content: base } = reader.enter(TAG.sequence, WHAT).readAny(WHAT)
    if (tag === contextTag(1)) subtrees.emails.push(emailConstraint(asciiText(base, 'constraint value')))
    else if (tag === contextTag(2)) subtrees.domains.push(domain(asciiText(base, 'constraint value'), 'dnsName'))
    else if (tag === contextTag(6)) subtrees.uriDomains.push(uriDomain(asciiText(base, 'constraint value')))
    else if (tag === contextTag(7)) subtrees.ranges.push(range(base))
    else subtrees.unhandled = true
  }
  return subtrees
}

function domain(text: string, what: string): string {
  if (!isDomainName(text, true)) throw new X509Fault(`x509: failed to parse ${what} constraint ${JSON.stringify(text)}`)
  return text
}

function emailConstraint(text: string): string {
  const at = text.lastIndexOf('@')
  if (at < 0) return domain(text, 'rfc822Name')
  const local = /^(?:[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*|"(?:[^"\\]|\\.)*")$/s.test(text.slice(0, at))
  if (!local || text.length === at + 1)
    throw new X509Fault(`x509: failed to parse rfc822Name constraint ${JSON.stringify(text)}`)
  domain(text.slice(at + 1), 'rfc822Name')
  return text
}

function uriDomain(text: string): string {
  if (isIP(text) !== 0)
    throw new X509Fault(`x509: failed to parse URI constraint ${JSON.stringify(text)}: cannot be IP address`)
  return domain(text, 'URI')
}

function range(bytes: Buffer): Json {
  if (bytes.length !== 8 && bytes.length !== 32)
    throw new X509Fault(`x509: IP constraint contained value of length ${bytes.length}`)
  const mask = bytes.subarray(bytes.length / 2)
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, '0')).join('')
  if (!/^1*0*$/.test(bits)) throw new X509Fault('x509: IP constraint contained invalid mask')
  return { IP: addressText(bytes.subarray(0, bytes.length / 2)), Mask: mask.toString('base64') }
}
