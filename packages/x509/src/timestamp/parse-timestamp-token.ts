import type { Certificate } from '../certificate.ts'
import { CertificateError } from '../certificate-error.ts'
import { openDer } from '../der/cursor.ts'
import type { DerCursor } from '../der/cursor.ts'
import { TAG, contextTag } from '../der/tag.ts'
import { readOid, readSmallInteger } from '../der/values.ts'
import { MAX_LIST_LENGTH, MAX_TOKEN_BYTES, MAX_TOKEN_CERTIFICATES } from '../limits.ts'
import { parseCertificate } from '../parse-certificate.ts'
import { readSignerInfo } from './signer-info.ts'
import type { SignerInfo } from './signer-info.ts'
import { readTimestampInfo } from './timestamp-info.ts'
import type { TimestampInfo } from './timestamp-info.ts'

/** A timestamp token that has been parsed and not verified. */
export interface TimestampToken extends TimestampInfo {
  /** The certificates in the token. They may complete the chain and are never trusted; rejected ones are left out. */
  readonly certificates: readonly Certificate[]
  readonly signer: SignerInfo
  /** The DER of the TSTInfo: what the signature covers, through its digest. */
  readonly content: Uint8Array
}

const SIGNED_DATA = '1.2.840.113549.1.7.2'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'

/**
 * Parses a TimeStampResp whose status is "granted", or the bare token inside one. Nothing is verified.
 *
 * @throws CertificateError CERTIFICATE_TIMESTAMP_INVALID, CERTIFICATE_ALGORITHM_REFUSED, CERTIFICATE_MALFORMED,
 *   CERTIFICATE_DER_INVALID, CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 3161, 2.4.2; RFC 5652, 5.1
 */
export function parseTimestampToken(bytes: Uint8Array): TimestampToken {
  const outer = openDer(Uint8Array.from(bytes), 'timestamp', { maxBytes: MAX_TOKEN_BYTES }).enter(
    TAG.SEQUENCE,
    'response or token',
  )
  const isResponse = outer.nextTag === TAG.SEQUENCE
  if (isResponse) readStatus(outer.enter(TAG.SEQUENCE, 'status'))
  const contentInfo = isResponse ? outer.enter(TAG.SEQUENCE, 'token') : outer
  const token = readSignedData(contentInfo)
  outer.end()
  return token
}

function readStatus(cursor: DerCursor): void {
  const status = readSmallInteger(cursor.read(TAG.INTEGER, 'status'), 'status of timestamp response', 0, 5)
  // 0 is granted, 1 granted with modifications. All others have no token, or one that must not be used.
  if (status > 1)
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      `timestamp: expected status 0 or 1 (granted), got ${status}`,
    )
}

function readSignedData(contentInfo: DerCursor): TimestampToken {
  expectType(contentInfo, SIGNED_DATA, 'signed data')
  const wrapper = contentInfo.enter(contextTag(0), 'content')
  contentInfo.end()
  const cursor = wrapper.enter(TAG.SEQUENCE, 'signed data')
  wrapper.end()
  readSmallInteger(cursor.read(TAG.INTEGER, 'version'), 'version of SignedData', 1, 5)
  cursor.read(TAG.SET, 'digest algorithms')
  const content = readContent(cursor.enter(TAG.SEQUENCE, 'encapsulated content'))
  const certificates = readCertificates(cursor.enterOptional(contextTag(0), 'certificates'))
  cursor.readOptional(contextTag(1), 'revocation lists')
  const signers = cursor.enter(TAG.SET, 'signers')
  cursor.end()
  const signer = readSignerInfo(signers.enter(TAG.SEQUENCE, 'signer'))
  // "The time-stamp token MUST NOT contain any signatures other than the signature of the TSA."
  signers.end()
  return { ...readTimestampInfo(content), certificates, signer, content }
}

function readContent(cursor: DerCursor): Uint8Array {
  expectType(cursor, TST_INFO, 'TSTInfo')
  const wrapper = cursor.enter(contextTag(0), 'content')
  cursor.end()
  const content = wrapper.read(TAG.OCTET_STRING, 'content').content
  wrapper.end()
  return content
}

function expectType(cursor: DerCursor, expected: string, name: string): void {
  const found = readOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'content type'))
  if (found !== expected)
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      `timestamp: expected content of type ${name}, got ${found}`,
    )
}

function readCertificates(cursor: DerCursor | undefined): readonly Certificate[] {
  const elements =
    cursor?.readAll(undefined, 'certificate', MAX_LIST_LENGTH).filter(({ tag }) => tag === TAG.SEQUENCE) ?? []
  if (elements.length > MAX_TOKEN_CERTIFICATES)
    throw new CertificateError(
      'CERTIFICATE_LIMIT_EXCEEDED',
      `timestamp: expected at most ${MAX_TOKEN_CERTIFICATES} certificates, got ${elements.length}`,
    )
  return elements.flatMap(({ raw }) => {
    try {
      return [parseCertificate(raw)]
    } catch (error) {
      // A TSA may send old certificates along, such as a cross-signature by a retired root. What is rejected is not
      // used.
      if (error instanceof CertificateError) return []
      throw error
    }
  })
}
