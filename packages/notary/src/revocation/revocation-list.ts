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
  strictDer,
  verifySignatureInSlices,
} from '@verify-images/x509'
import type { Certificate, DerCursor, DerElement, Extension } from '@verify-images/x509'
import { equalBytes, yieldIfDue } from '@verify-images/primitives'
import { CRL_SLICE_ENTRIES, MAX_CRL_BYTES } from '../limits.ts'
import { integerOctets } from './ocsp-request.ts'
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
 * The CRL must be signed by the issuer of the certificate, be valid now, and be complete for certificates like this
 * one: a partial CRL, served in its place, would omit the revocation. Delta CRLs are not supported, so with a CRL that
 * refers to one the status is unknown.
 *
 * The entries come last, after the signature: they are scanned for the serial number of the certificate, and none is
 * kept.
 *
 * @throws CheckError ATTESTOR_REVOCATION_UNKNOWN; the reason of an aborted signal
 * @see RFC 5280, 5 and 6.3
 */
export async function readRevocationList(
  bytes: Uint8Array,
  request: RevocationRequest,
  signal: AbortSignal,
): Promise<'good' | 'revoked'> {
  return reading(async () => {
    const { certificate, issuer, now, signedAt } = request
    if (bytes.length > MAX_CRL_BYTES)
      throw unknownBecause(`size of the CRL: expected at most ${MAX_CRL_BYTES} bytes, got ${bytes.length}`)
    const list = uncheckedList(bytes)
    const signed = list.read(TAG.SEQUENCE, 'signed part')
    const { algorithm } = readSignatureAlgorithm(
      contentOf(checked(list.read(TAG.SEQUENCE, 'algorithm')), 'revocation list'),
    )
    const signature = readOctetsOfBitString(checked(list.read(TAG.BIT_STRING, 'signature')), 'signature')
    list.end()

    const { name, thisUpdate, nextUpdate, entries, extensions } = readSigned(contentOf(signed, 'revocation list'))
    if (!equalBytes(name, issuer.subject.raw)) throw unknownBecause('the CRL is of another issuer')
    if (!issuer.basicConstraints?.isCa || issuer.keyUsage?.has('cRLSign') === false)
      throw unknownBecause('the issuer may not sign CRLs')
    await yieldIfDue(signal)
    if (!algorithm || !(await verifySignatureInSlices(issuer.publicKey, algorithm, signed.raw, signature, signal)))
      throw unknownBecause('the CRL is not signed by the issuer')
    checkFreshness(thisUpdate, nextUpdate, now)
    checkScope(extensions, certificate)
    return entries && (await isRevoked(entries, certificate.serialNumber, signedAt, signal)) ? 'revoked' : 'good'
  })
}

/**
 * Opens a list without the walk over all of it: a CRL of 32 MB has millions of elements. The headers are checked as
 * they are read, and everything but the entries of other certificates is {@link checked}.
 */
function uncheckedList(bytes: Uint8Array): DerCursor {
  const outer = contentOf({ tag: TAG.SEQUENCE, raw: bytes, content: bytes }, 'revocation list')
  const list = outer.enter(TAG.SEQUENCE, 'list')
  outer.end()
  return list
}

/** Returns an element whose content is canonical DER, too. */
function checked<Element extends DerElement | undefined>(element: Element): Element {
  if (element) strictDer(element.raw, 'revocation list')
  return element
}

interface SignedList {
  readonly name: Uint8Array
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
  readonly entries?: DerCursor
  readonly extensions: ReadonlyMap<string, Extension>
}

function readSigned(cursor: DerCursor): SignedList {
  const version = checked(cursor.readOptional(TAG.INTEGER, 'version'))
  if (version && readInteger(version) !== 1n) throw unknownBecause('expected a CRL of version 2')
  cursor.read(TAG.SEQUENCE, 'algorithm')
  const name = cursor.read(TAG.SEQUENCE, 'issuer').raw
  const thisUpdate = readTime(checked(cursor.next('this update')), 'this update')
  const hasNext = cursor.nextTag === TAG.UTC_TIME || cursor.nextTag === TAG.GENERALIZED_TIME
  const nextUpdate = hasNext ? readTime(checked(cursor.next('next update')), 'next update') : undefined
  const entries = cursor.enterOptional(TAG.SEQUENCE, 'entries')
  const listed = checked(cursor.readOptional(contextTag(0), 'extensions'))
  cursor.end()
  return {
    name,
    thisUpdate,
    ...(nextUpdate && { nextUpdate }),
    ...(entries && { entries }),
    extensions: listed
      ? readExtensions(
          contentOf(listed, 'revocation list', contextTag(0)).enter(TAG.SEQUENCE, 'extensions'),
          'revocation list',
        )
      : new Map(),
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
async function isRevoked(
  entries: DerCursor,
  serialNumber: bigint,
  signedAt: Date | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const wanted = integerOctets(serialNumber)
  for (let count = 0; !entries.isEmpty; count++) {
    if (count % CRL_SLICE_ENTRIES === 0) await yieldIfDue(signal)
    const element = entries.read(TAG.SEQUENCE, 'entry')
    const serial = contentOf(element, 'revocation list, entry').read(TAG.INTEGER, 'serial number').content
    // The other spellings of a number are not DER, and one of them would hide its revocation.
    if (serial.length === 0 || (serial.length > 1 && serial[0] === 0 && (serial[1] ?? 0) < 0x80))
      throw unknownBecause('a serial number in the CRL is not canonical DER')
    if (equalBytes(serial, wanted) && applies(element, signedAt)) return true
  }
  return false
}

function applies(element: DerElement, signedAt: Date | undefined): boolean {
  const entry = contentOf(checked(element), 'revocation list, entry')
  entry.read(TAG.INTEGER, 'serial number')
  readTime(entry.next('revocation time'), 'revocation time')
  const listed = entry.enterOptional(TAG.SEQUENCE, 'extensions')
  entry.end()
  return revocationApplies(listed ? readExtensions(listed, 'entry') : new Map(), signedAt)
}
