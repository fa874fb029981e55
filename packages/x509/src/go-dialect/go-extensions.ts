import { isIP } from 'node:net'
import { CertificateError } from '../certificate-error.ts'
import { DerCursor } from '../der/cursor.ts'
import { TAG, contextTag } from '../der/tag.ts'
import type { Extension } from '../extension.ts'
import { EXTENSION } from '../extension.ts'
import { ipText } from '../general-name.ts'
import { goAscii, goBitString, goBoolean, goInteger, goLargeOid, goOid } from './go-values.ts'

const EMAIL = contextTag(1, 'primitive')
const DNS = contextTag(2, 'primitive')
const URI = contextTag(6, 'primitive')
const IP = contextTag(7, 'primitive')

/** Names by kind, in encoded order; other kinds are left out. */
export interface GoAlternativeNames {
  readonly dns: readonly string[]
  readonly emails: readonly string[]
  readonly addresses: readonly string[]
  readonly uris: readonly string[]
}

export interface GoSubtrees {
  readonly dns: readonly string[]
  readonly emails: readonly string[]
  readonly uriDomains: readonly string[]
  readonly ranges: readonly { readonly address: string; readonly mask: Uint8Array }[]
  /** A kind of name is constrained that Go does not know. */
  readonly hasUnknown: boolean
}

export interface GoNameConstraints {
  readonly permitted: GoSubtrees
  readonly excluded: GoSubtrees
  readonly critical: boolean
}

/** The content of the extensions that Go knows. Extensions that the certificate lacks are absent. */
export interface GoExtensionFields {
  readonly subjectAltNames?: GoAlternativeNames
  readonly nameConstraints?: GoNameConstraints
  /** Bit 0 is digitalSignature. */
  readonly keyUsageBits?: number
  /** OIDs. */
  readonly extendedKeyUsage?: readonly string[]
  /** -1 means no path length. */
  readonly basicConstraints?: { readonly isCa: boolean; readonly pathLength: bigint }
  readonly subjectKeyId?: Uint8Array
  readonly authorityKeyId?: Uint8Array
  readonly ocspUrls?: readonly string[]
  readonly issuerUrls?: readonly string[]
  readonly crlUrls?: readonly string[]
  /** OIDs, with arcs of any size. */
  readonly policies?: readonly string[]
  readonly policyMappings?: readonly { readonly issuer: string; readonly subject: string }[]
  readonly requireExplicitPolicy?: number
  readonly inhibitPolicyMapping?: number
  readonly inhibitAnyPolicy?: number
  readonly unhandledCritical: readonly string[]
}

/** Reads a list of extensions. @throws CertificateError if one occurs twice */
export function readGoExtensions(cursor: DerCursor): readonly Extension[] {
  const extensions = new Map<string, Extension>()
  const list = cursor.enter(TAG.SEQUENCE, 'extensions')
  while (!list.isEmpty) {
    const fields = list.enter(TAG.SEQUENCE, 'extension')
    const oid = goOid(fields.read(TAG.OBJECT_IDENTIFIER, 'type'), 'extension')
    if (extensions.has(oid)) throw malformed(`extension ${oid} occurs twice`)
    const flag = fields.readOptional(TAG.BOOLEAN, 'critical')
    const critical = flag !== undefined && goBoolean(flag, 'extension')
    extensions.set(oid, { oid, critical, value: fields.read(TAG.OCTET_STRING, 'value').content })
  }
  return [...extensions.values()]
}

type Fields = Omit<GoExtensionFields, 'unhandledCritical'>

/** Reads the fields of one extension; `undefined` if Go does not handle its content. */
type FieldReader = (cursor: DerCursor, extension: Extension) => Fields

const READERS: ReadonlyMap<string, FieldReader> = new Map<string, FieldReader>([
  [EXTENSION.SUBJECT_KEY_ID, readSubjectKeyId],
  [EXTENSION.KEY_USAGE, (cursor): Fields => ({ keyUsageBits: readKeyUsageBits(cursor) })],
  [EXTENSION.SUBJECT_ALT_NAME, (_, { value }): Fields => ({ subjectAltNames: readGoAlternativeNames(value) })],
  [EXTENSION.BASIC_CONSTRAINTS, readBasicConstraints],
  [EXTENSION.NAME_CONSTRAINTS, readNameConstraints],
  [EXTENSION.CRL_DISTRIBUTION_POINTS, (cursor): Fields => ({ crlUrls: readCrlUrls(cursor) })],
  [EXTENSION.CERTIFICATE_POLICIES, (cursor): Fields => ({ policies: readPolicies(cursor) })],
  ['2.5.29.33', readPolicyMappings],
  [EXTENSION.AUTHORITY_KEY_ID, readAuthorityKeyId],
  ['2.5.29.36', readPolicyConstraints],
  [EXTENSION.EXTENDED_KEY_USAGE, readExtendedKeyUsage],
  ['2.5.29.54', (cursor): Fields => ({ inhibitAnyPolicy: readCount(cursor, TAG.INTEGER) })],
  [EXTENSION.AUTHORITY_INFO_ACCESS, readAuthorityInfoAccess],
])

/** Reads all extensions that Go knows. */
export function readGoExtensionFields(extensions: readonly Extension[]): GoExtensionFields {
  const fields: Fields[] = []
  const unhandledCritical: string[] = []
  for (const extension of extensions) {
    const read = READERS.get(extension.oid)?.(new DerCursor(extension.value, `extension ${extension.oid}`), extension)
    if (read) fields.push(read)
    if (extension.critical && (!read || isUnhandled(read))) unhandledCritical.push(extension.oid)
  }
  return Object.assign({ unhandledCritical }, ...fields)
}

/** Names of which Go knows none, or constraints over a kind that it does not know. */
function isUnhandled({ subjectAltNames, nameConstraints }: Fields): boolean {
  if (subjectAltNames) return Object.values(subjectAltNames).every((names: readonly string[]) => names.length === 0)
  return nameConstraints !== undefined && (nameConstraints.permitted.hasUnknown || nameConstraints.excluded.hasUnknown)
}

function readSubjectKeyId(cursor: DerCursor, { critical }: Extension): Fields {
  if (critical) throw malformed('subject key identifier marked critical')
  return { subjectKeyId: cursor.read(TAG.OCTET_STRING, 'subject key identifier').content }
}

function readAuthorityKeyId(cursor: DerCursor, { critical }: Extension): Fields {
  if (critical) throw malformed('authority key identifier marked critical')
  const id = cursor.enter(TAG.SEQUENCE, 'identifier').readOptional(contextTag(0, 'primitive'), 'key identifier')
  return id ? { authorityKeyId: id.content } : {}
}

function readKeyUsageBits(cursor: DerCursor): number {
  const { bytes } = goBitString(cursor.read(TAG.BIT_STRING, 'key usage'), 'key usage')
  let usage = 0
  for (let bit = 0; bit < 9; bit++) if (((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) usage |= 1 << bit
  return usage
}

function readBasicConstraints(cursor: DerCursor): Fields {
  const constraints = cursor.enter(TAG.SEQUENCE, 'basic constraints')
  const flag = constraints.readOptional(TAG.BOOLEAN, 'cA')
  const isCa = flag !== undefined && goBoolean(flag, 'basic constraints')
  const length = constraints.readOptional(TAG.INTEGER, 'path length')
  const pathLength = length ? goInteger(length, 'path length') : -1n
  if (pathLength < -1n || BigInt.asIntN(64, pathLength) !== pathLength) throw malformed('path length out of range')
  return { basicConstraints: { isCa, pathLength } }
}

function readCrlUrls(cursor: DerCursor): readonly string[] {
  const urls: string[] = []
  const points = cursor.enter(TAG.SEQUENCE, 'distribution points')
  while (!points.isEmpty) {
    const name = points.enter(TAG.SEQUENCE, 'distribution point').enterOptional(contextTag(0), 'name')
    const names = name?.enter(contextTag(0), 'full name')
    while (names?.nextTag === URI) urls.push(Buffer.from(names.next('name').content).toString())
  }
  return urls
}

function readPolicies(cursor: DerCursor): readonly string[] {
  const policies: string[] = []
  const list = cursor.enter(TAG.SEQUENCE, 'policies')
  while (!list.isEmpty) {
    const policy = list.enter(TAG.SEQUENCE, 'policy')
    policies.push(goLargeOid(policy.read(TAG.OBJECT_IDENTIFIER, 'policy'), 'certificate policy'))
  }
  if (new Set(policies).size < policies.length) throw malformed('a certificate policy occurs twice')
  return policies
}

function readPolicyMappings(cursor: DerCursor): Fields {
  const policyMappings: { readonly issuer: string; readonly subject: string }[] = []
  const list = cursor.enter(TAG.SEQUENCE, 'policy mappings')
  while (!list.isEmpty) {
    const mapping = list.enter(TAG.SEQUENCE, 'policy mapping')
    const policy = (): string => goLargeOid(mapping.read(TAG.OBJECT_IDENTIFIER, 'policy'), 'policy mapping')
    policyMappings.push({ issuer: policy(), subject: policy() })
  }
  return { policyMappings }
}

function readPolicyConstraints(cursor: DerCursor): Fields {
  const constraints = cursor.enter(TAG.SEQUENCE, 'policy constraints')
  const [required, inhibited] = [0, 1].map((number) => {
    const tag = contextTag(number, 'primitive')
    return constraints.nextTag === tag ? readCount(constraints, tag) : undefined
  })
  return {
    ...(required !== undefined && { requireExplicitPolicy: required }),
    ...(inhibited !== undefined && { inhibitPolicyMapping: inhibited }),
  }
}

function readCount(cursor: DerCursor, tag: number): number {
  const count = goInteger(cursor.read(tag, 'count'), 'policy constraints')
  if (BigInt.asIntN(64, count) !== count) throw malformed('policy constraint out of range')
  return Number(count)
}

function readExtendedKeyUsage(cursor: DerCursor): Fields {
  const extendedKeyUsage: string[] = []
  const list = cursor.enter(TAG.SEQUENCE, 'usages')
  while (!list.isEmpty) extendedKeyUsage.push(goOid(list.read(TAG.OBJECT_IDENTIFIER, 'usage'), 'extended key usage'))
  return { extendedKeyUsage }
}

function readAuthorityInfoAccess(cursor: DerCursor, { critical }: Extension): Fields {
  if (critical) throw malformed('authority information access marked critical')
  const urls = { ocspUrls: new Array<string>(), issuerUrls: new Array<string>() }
  const list = cursor.enter(TAG.SEQUENCE, 'descriptions')
  while (!list.isEmpty) {
    const description = list.enter(TAG.SEQUENCE, 'description')
    const method = goOid(description.read(TAG.OBJECT_IDENTIFIER, 'method'), 'access method')
    const location = description.readOptional(URI, 'location')
    const text = location && Buffer.from(location.content).toString()
    if (text !== undefined && method === '1.3.6.1.5.5.7.48.1') urls.ocspUrls.push(text)
    if (text !== undefined && method === '1.3.6.1.5.5.7.48.2') urls.issuerUrls.push(text)
  }
  return urls
}

/** Returns the names of a subjectAltName; without the extension there are none. */
export function readGoAlternativeNames(value?: Uint8Array): GoAlternativeNames {
  const names = {
    dns: new Array<string>(),
    emails: new Array<string>(),
    addresses: new Array<string>(),
    uris: new Array<string>(),
  }
  const list = value && new DerCursor(value, 'subjectAltName').enter(TAG.SEQUENCE, 'names')
  while (list && !list.isEmpty) {
    const { tag, content } = list.next('name')
    if (tag === EMAIL) names.emails.push(goAscii(content, 'e-mail address'))
    else if (tag === DNS) names.dns.push(goAscii(content, 'DNS name'))
    else if (tag === URI) names.uris.push(goAscii(content, 'URI'))
    else if (tag === IP) names.addresses.push(addressOf(content))
  }
  return names
}

function addressOf(octets: Uint8Array): string {
  const text = ipText(octets)
  if (text === undefined) throw malformed(`IP address of ${octets.length} octets`)
  return text
}

function readNameConstraints(cursor: DerCursor, { critical }: Extension): Fields {
  const constraints = cursor.enter(TAG.SEQUENCE, 'name constraints')
  const permitted = constraints.enterOptional(contextTag(0), 'permitted subtrees')
  const excluded = constraints.enterOptional(contextTag(1), 'excluded subtrees')
  if (!cursor.isEmpty || !constraints.isEmpty) throw malformed('name constraints with data after their end')
  if ((permitted?.isEmpty ?? true) && (excluded?.isEmpty ?? true)) throw malformed('empty name constraints')
  return { nameConstraints: { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded), critical } }
}

function readSubtrees(cursor: DerCursor | undefined): GoSubtrees {
  const subtrees = {
    dns: new Array<string>(),
    emails: new Array<string>(),
    uriDomains: new Array<string>(),
    ranges: new Array<GoSubtrees['ranges'][number]>(),
    hasUnknown: false,
  }
  while (cursor && !cursor.isEmpty) {
    const { tag, content } = cursor.enter(TAG.SEQUENCE, 'subtree').next('base')
    if (tag === EMAIL) subtrees.emails.push(emailConstraint(goAscii(content, 'constraint')))
    else if (tag === DNS) subtrees.dns.push(domainConstraint(goAscii(content, 'constraint')))
    else if (tag === URI) subtrees.uriDomains.push(uriConstraint(goAscii(content, 'constraint')))
    else if (tag === IP) subtrees.ranges.push(rangeOf(content))
    else subtrees.hasUnknown = true
  }
  return subtrees
}

/**
 * Returns whether Go accepts a text as a domain name. A constraint may start with a dot, which covers what is below.
 */
export function isGoDomain(text: string, form: 'name' | 'constraint'): boolean {
  if (text === '') return true
  const labels = (form === 'constraint' && text.startsWith('.') ? text.slice(1) : text).split('.')
  return labels.every((label) => label !== '') && /^[\x21-\x7e]*$/.test(text)
}

function domainConstraint(text: string): string {
  if (!isGoDomain(text, 'constraint')) throw malformed('name constraint that is not a domain')
  return text
}

const LOCAL_PART = /^(?:[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*|"(?:[^"\\]|\\.)*")$/s

function emailConstraint(text: string): string {
  const at = text.lastIndexOf('@')
  if (at < 0) return domainConstraint(text)
  if (!LOCAL_PART.test(text.slice(0, at)) || text.length === at + 1)
    throw malformed('name constraint that is not a mailbox')
  domainConstraint(text.slice(at + 1))
  return text
}

function uriConstraint(text: string): string {
  if (isIP(text) !== 0) throw malformed('URI constraint that is an IP address')
  return domainConstraint(text)
}

function rangeOf(octets: Uint8Array): GoSubtrees['ranges'][number] {
  const half = octets.length / 2
  const mask = octets.subarray(half)
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('')
  if ((octets.length !== 8 && octets.length !== 32) || bits.includes('01')) throw malformed('IP constraint')
  return { address: addressOf(octets.subarray(0, half)), mask }
}

function malformed(problem: string): CertificateError {
  return new CertificateError('CERTIFICATE_MALFORMED', `extensions: ${problem}`)
}
