import { CertificateError } from './certificate-error.ts'
import { contentOf, openDer } from './der/cursor.ts'
import type { DerElement, DerCursor } from './der/cursor.ts'
import { TAG, contextTag } from './der/tag.ts'
import { readBitString, readBoolean, readOid, readSmallInteger } from './der/values.ts'
import { checkUri, readGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { MAX_CERTIFICATE_BYTES, MAX_LIST_LENGTH } from './limits.ts'

const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsage = (typeof KEY_USAGES)[number]

export interface BasicConstraints {
  readonly isCa: boolean
  /** How many CAs may be below this one. */
  readonly pathLength?: number
}

/** @see RFC 5280, 4.2.1.3 */
export function readKeyUsage(value: Uint8Array): ReadonlySet<KeyUsage> {
  const cursor = open(value, 'keyUsage')
  const { bytes } = readBitString(cursor.read(TAG.BIT_STRING, 'bits'))
  const usages = new Set(KEY_USAGES.filter((_, i) => ((bytes[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0))
  // "When the extension appears, at least one of the bits MUST be set."
  if (usages.size === 0) throw new CertificateError('CERTIFICATE_MALFORMED', 'keyUsage: expected at least one usage')
  return usages
}

/** @see RFC 5280, 4.2.1.9 */
export function readBasicConstraints(value: Uint8Array): BasicConstraints {
  const cursor = open(value, 'basicConstraints').enter(TAG.SEQUENCE, 'constraints')
  const flag = cursor.readOptional(TAG.BOOLEAN, 'cA')
  const length = cursor.readOptional(TAG.INTEGER, 'pathLenConstraint')
  cursor.end()
  const isCa = flag !== undefined && readBoolean(flag)
  if (length === undefined) return { isCa }
  if (!isCa)
    throw new CertificateError(
      'CERTIFICATE_MALFORMED',
      'basicConstraints: expected a path length in CA certificates only',
    )
  return { isCa, pathLength: readSmallInteger(length, 'pathLenConstraint', 0, 255) }
}

/** @see RFC 5280, 4.2.1.12 */
export function readExtendedKeyUsage(value: Uint8Array): readonly string[] {
  const usages = nonEmpty(listOf(value, 'extKeyUsage'), 'extKeyUsage')
  return usages.map((element) => {
    if (element.tag !== TAG.OBJECT_IDENTIFIER)
      throw new CertificateError('CERTIFICATE_MALFORMED', 'extKeyUsage: expected OBJECT IDENTIFIER')
    return readOid(element)
  })
}

const GO_ORDER: readonly GeneralName['kind'][] = ['dns', 'email', 'ip', 'uri', 'other', 'directory', 'unsupported']

/**
 * Returns the names in Go's order: all DNS names, then e-mail addresses, IP addresses, URIs, other names, the rest.
 *
 * @see RFC 5280, 4.2.1.6
 */
export function readSubjectAltNames(value: Uint8Array): readonly GeneralName[] {
  const names = nonEmpty(listOf(value, 'subjectAltName'), 'subjectAltName').map((element) =>
    readGeneralName(element, 'subjectAltName'),
  )
  for (const name of names) if (name.kind === 'uri') checkUri(name.text)
  return names.toSorted((a, b) => GO_ORDER.indexOf(a.kind) - GO_ORDER.indexOf(b.kind))
}

/** @see RFC 5280, 4.2.1.2 */
export function readSubjectKeyId(value: Uint8Array): Uint8Array {
  return open(value, 'subjectKeyIdentifier').read(TAG.OCTET_STRING, 'identifier').content
}

/** Returns the key identifier; the alternative, issuer and serial number, is not used. @see RFC 5280, 4.2.1.1 */
export function readAuthorityKeyId(value: Uint8Array): Uint8Array | undefined {
  return open(value, 'authorityKeyIdentifier')
    .enter(TAG.SEQUENCE, 'identifier')
    .readOptional(contextTag(0, 'primitive'), 'key identifier')?.content
}

/** Returns the URLs of all distribution points. @see RFC 5280, 4.2.1.13 */
export function readCrlUrls(value: Uint8Array): readonly string[] {
  return listOf(value, 'cRLDistributionPoints').flatMap((element) => {
    const point = contentOf(element, 'cRLDistributionPoints')
    const name = point.enterOptional(contextTag(0), 'name')
    point.readOptional(contextTag(1, 'primitive'), 'reasons')
    point.readOptional(contextTag(2), 'issuer')
    point.end()
    const full = name?.enterOptional(contextTag(0), 'full name')
    if (!full) name?.read(contextTag(1), 'relative name')
    name?.end()
    return full ? urls(full.readAll(undefined, 'name', MAX_LIST_LENGTH), 'cRLDistributionPoints') : []
  })
}

/** Returns the URLs of one access method. @see RFC 5280, 4.2.2.1 */
export function readAccessUrls(value: Uint8Array, method: 'ocsp' | 'issuers'): readonly string[] {
  const wanted = method === 'ocsp' ? '1.3.6.1.5.5.7.48.1' : '1.3.6.1.5.5.7.48.2'
  return listOf(value, 'authorityInfoAccess').flatMap((element) => {
    const cursor = contentOf(element, 'authorityInfoAccess')
    const found = readOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'method'))
    const location = cursor.next('location')
    cursor.end()
    return found === wanted ? urls([location], 'authorityInfoAccess') : []
  })
}

/** Returns the OIDs of the policies; none occurs twice. @see RFC 5280, 4.2.1.4 */
export function readPolicies(value: Uint8Array): readonly string[] {
  const policies = nonEmpty(listOf(value, 'certificatePolicies'), 'certificatePolicies').map((element) => {
    const cursor = contentOf(element, 'certificatePolicies')
    const oid = readOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'policy'))
    cursor.readOptional(TAG.SEQUENCE, 'qualifiers')
    cursor.end()
    return oid
  })
  if (new Set(policies).size < policies.length)
    throw new CertificateError('CERTIFICATE_MALFORMED', 'certificatePolicies: a policy occurs twice')
  return policies
}

function urls(names: readonly DerElement[], what: string): readonly string[] {
  return names
    .map((element) => readGeneralName(element, what))
    .flatMap((name) => (name.kind === 'uri' ? [name.text] : []))
}

function listOf(value: Uint8Array, what: string): readonly DerElement[] {
  return open(value, what).enter(TAG.SEQUENCE, 'list').readAll(undefined, 'entry', MAX_LIST_LENGTH)
}

function nonEmpty(elements: readonly DerElement[], what: string): readonly DerElement[] {
  if (elements.length === 0) throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: expected at least one entry`)
  return elements
}

function open(value: Uint8Array, what: string): DerCursor {
  return openDer(value, what, { maxBytes: MAX_CERTIFICATE_BYTES })
}
