import {
  TAG,
  contentOf,
  contextTag,
  openDer,
  readBoolean,
  readExtensions,
  readGeneralName,
  readInteger,
  readOctetsOfBitString,
  readSignatureAlgorithm,
  readTime,
  verifySignatureBytes,
} from '@verify-images/x509'
import type { Certificate, DerCursor, Extension } from '@verify-images/x509'
import { equalBytes } from '@verify-images/primitives'
import { MAX_CRL_BYTES, MAX_CRL_ELEMENTS } from '../limits.ts'
import { checkFreshness, reading, rejectUnknownCritical, revocationApplies, unknownBecause } from './problem.ts'
import type { RevocationRequest } from './revocation-checker.ts'

const EXTENSION = {
  ISSUING_DISTRIBUTION_POINT: '2.5.29.28',
  DELTA_INDICATOR: '2.5.29.27',
  FRESHEST: '2.5.29.46',
} as const

/**
 * Returns the status of a certificate from a certificate revocation list (CRL).
 *
 * The CRL must be signed by the issuer of the certificate, be valid now, and be complete for certificates like this one: a
 * partial CRL, served in its place, would omit the revocation. Delta CRLs are not supported, so with a CRL that refers to
 * one the status is unknown.
 *
 * @throws CheckError ATTESTOR_REVOCATION_UNKNOWN
 * @see RFC 5280, 5 and 6.3
 */
export function readRevocationList(bytes: Uint8Array, request: RevocationRequest): 'good' | 'revoked' {
  return reading(() => {
    const { certificate, issuer, now, signedAt } = request
    const list = openDer(bytes, 'revocation list', { maxBytes: MAX_CRL_BYTES, maxElements: MAX_CRL_ELEMENTS }).enter(
      TAG.SEQUENCE,
      'list',
    )
    const signed = list.read(TAG.SEQUENCE, 'signed part')
    const { algorithm } = readSignatureAlgorithm(list.enter(TAG.SEQUENCE, 'algorithm'))
    const signature = readOctetsOfBitString(list.read(TAG.BIT_STRING, 'signature'), 'signature')
    list.end()

    const { name, thisUpdate, nextUpdate, entries, extensions } = readSigned(contentOf(signed, 'revocation list'))
    if (!equalBytes(name, issuer.subject.raw)) throw unknownBecause('the CRL is of another issuer')
    if (!issuer.basicConstraints?.isCa || issuer.keyUsage?.has('cRLSign') === false)
      throw unknownBecause('the issuer may not sign CRLs')
    if (!algorithm || !verifySignatureBytes(issuer.publicKey, algorithm, signed.raw, signature))
      throw unknownBecause('the CRL is not signed by the issuer')
    checkFreshness(thisUpdate, nextUpdate, now)
    checkScope(extensions, certificate)
    return entries && isRevoked(entries, certificate.serialNumber, signedAt) ? 'revoked' : 'good'
  })
}

interface SignedList {
  readonly name: Uint8Array
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
  readonly entries?: DerCursor
  readonly extensions: ReadonlyMap<string, Extension>
}

function readSigned(cursor: DerCursor): SignedList {
  const version = cursor.readOptional(TAG.INTEGER, 'version')
  if (version && readInteger(version) !== 1n) throw unknownBecause('expected a CRL of version 2')
  cursor.read(TAG.SEQUENCE, 'algorithm')
  const name = cursor.read(TAG.SEQUENCE, 'issuer').raw
  const thisUpdate = readTime(cursor.next('this update'), 'this update')
  const hasNext = cursor.nextTag === TAG.UTC_TIME || cursor.nextTag === TAG.GENERALIZED_TIME
  const nextUpdate = hasNext ? readTime(cursor.next('next update'), 'next update') : undefined
  const entries = cursor.enterOptional(TAG.SEQUENCE, 'entries')
  const listed = cursor.enterOptional(contextTag(0), 'extensions')?.enter(TAG.SEQUENCE, 'extensions')
  cursor.end()
  return {
    name,
    thisUpdate,
    ...(nextUpdate && { nextUpdate }),
    ...(entries && { entries }),
    extensions: listed ? readExtensions(listed, 'revocation list') : new Map(),
  }
}

function checkScope(extensions: ReadonlyMap<string, Extension>, certificate: Certificate): void {
  if (extensions.has(EXTENSION.DELTA_INDICATOR)) throw unknownBecause('delta CRLs are not supported')
  if (extensions.has(EXTENSION.FRESHEST) || certificate.extensions.has(EXTENSION.FRESHEST))
    throw unknownBecause('the CRL is incomplete without a delta CRL')
  rejectUnknownCritical(extensions, new Set([EXTENSION.ISSUING_DISTRIBUTION_POINT]))
  const scope = extensions.get(EXTENSION.ISSUING_DISTRIBUTION_POINT)
  if (scope)
    checkDistributionPoint(
      openDer(scope.value, 'distribution point').enter(TAG.SEQUENCE, 'distribution point'),
      certificate,
    )
}

/** @see RFC 5280, 5.2.5 and 6.3.3 (b) (2) */
function checkDistributionPoint(point: DerCursor, certificate: Certificate): void {
  const name = point.enterOptional(contextTag(0), 'name')
  if (name) {
    // A CRL with a distribution point is for the certificates that name the same.
    const names = name
      .enter(contextTag(0), 'full name')
      .readAll(undefined, 'name', 20)
      .map((element) => readGeneralName(element, 'distribution point'))
    if (!names.some((found) => found.kind === 'uri' && certificate.crlUrls.includes(found.text)))
      throw unknownBecause('the CRL is for other certificates')
  }
  const isCa = certificate.basicConstraints?.isCa === true
  const flag = (number: number): boolean => {
    const element = point.readOptional(contextTag(number, 'primitive'), 'flag')
    return element !== undefined && readBoolean(element)
  }
  const [onlyUsers, onlyAuthorities] = [flag(1), flag(2)]
  const someReasons = point.readOptional(contextTag(3, 'primitive'), 'reasons') !== undefined
  const [indirect, onlyAttributes] = [flag(4), flag(5)]
  point.end()
  if ((onlyUsers && isCa) || (onlyAuthorities && !isCa) || someReasons || indirect || onlyAttributes)
    throw unknownBecause('the CRL is for other certificates, or for some reasons only')
}

/** Entries that remove a revocation occur only in delta CRLs. */
function isRevoked(entries: DerCursor, serialNumber: bigint, signedAt: Date | undefined): boolean {
  while (!entries.isEmpty) {
    const entry = entries.enter(TAG.SEQUENCE, 'entry')
    if (readInteger(entry.read(TAG.INTEGER, 'serial number')) !== serialNumber) continue
    readTime(entry.next('revocation time'), 'revocation time')
    const listed = entry.enterOptional(TAG.SEQUENCE, 'extensions')
    entry.end()
    if (revocationApplies(listed ? readExtensions(listed, 'entry') : new Map(), signedAt)) return true
  }
  return false
}
