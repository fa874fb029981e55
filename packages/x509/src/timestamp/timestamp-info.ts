import { CertificateError } from '../certificate-error.ts'
import { DerCursor, openDer } from '../der/cursor.ts'
import { TAG, contextTag } from '../der/tag.ts'
import { readBoolean, readInteger, readOid, readSmallInteger, readTime } from '../der/values.ts'
import { readExtensions } from '../extension.ts'
import { MAX_TOKEN_BYTES } from '../limits.ts'
import { digestBytes, readHashAlgorithm } from '../signature-algorithm.ts'

export interface MessageDigest {
  readonly hash: 'sha256' | 'sha384' | 'sha512'
  readonly digest: Uint8Array
}

/** The content of a timestamp token. */
export interface TimestampInfo {
  readonly genTime: Date
  /** By how much the time may be off, either way. */
  readonly accuracyMs?: number
  readonly serialNumber: bigint
  /** OID. */
  readonly policy: string
  readonly nonce?: bigint
  /** The digest that was timestamped. */
  readonly imprint: MessageDigest
}

/**
 * Reads a TSTInfo.
 *
 * @throws CertificateError CERTIFICATE_TIMESTAMP_INVALID, CERTIFICATE_MALFORMED, CERTIFICATE_DER_INVALID,
 *   CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 3161, 2.4.2
 */
export function readTimestampInfo(der: Uint8Array): TimestampInfo {
  const cursor = openDer(der, 'TSTInfo', { maxBytes: MAX_TOKEN_BYTES }).enter(TAG.SEQUENCE, 'info')
  readSmallInteger(cursor.read(TAG.INTEGER, 'version'), 'version of TSTInfo', 1, 1)
  const policy = readOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'policy'))
  const imprint = readImprint(cursor.enter(TAG.SEQUENCE, 'message imprint'))
  const serialNumber = readInteger(cursor.read(TAG.INTEGER, 'serial number'))
  const genTime = readTime(cursor.read(TAG.GENERALIZED_TIME, 'genTime'), 'genTime')
  const accuracy = cursor.enterOptional(TAG.SEQUENCE, 'accuracy')
  const ordering = cursor.readOptional(TAG.BOOLEAN, 'ordering')
  if (ordering) readBoolean(ordering)
  const nonce = cursor.readOptional(TAG.INTEGER, 'nonce')
  cursor.readOptional(contextTag(0), 'authority name')
  const extensions = cursor.readOptional(contextTag(1), 'extensions')
  cursor.end()
  if (
    extensions &&
    [...readExtensions(new DerCursor(extensions.content, 'TSTInfo'), 'TSTInfo').values()].some(
      ({ critical }) => critical,
    )
  ) {
    throw new CertificateError('CERTIFICATE_TIMESTAMP_INVALID', 'timestamp: expected no critical extensions')
  }
  return {
    genTime,
    serialNumber,
    policy,
    imprint,
    ...(accuracy && { accuracyMs: readAccuracy(accuracy) }),
    ...(nonce && { nonce: readInteger(nonce) }),
  }
}

function readImprint(cursor: DerCursor): MessageDigest {
  const hash = readHashAlgorithm(cursor.enter(TAG.SEQUENCE, 'hash'))
  const digest = cursor.read(TAG.OCTET_STRING, 'hashed message').content
  cursor.end()
  if (hash === undefined)
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      'timestamp: expected a message imprint with SHA-256, SHA-384 or SHA-512',
    )
  if (digest.length !== digestBytes(hash))
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      `timestamp: expected a message imprint of ${digestBytes(hash)} octets, got ${digest.length}`,
    )
  return { hash, digest }
}

function readAccuracy(cursor: DerCursor): number {
  const seconds = cursor.readOptional(TAG.INTEGER, 'seconds')
  const millis = cursor.readOptional(contextTag(0, 'primitive'), 'milliseconds')
  const micros = cursor.readOptional(contextTag(1, 'primitive'), 'microseconds')
  cursor.end()
  return (
    (seconds ? readSmallInteger(seconds, 'seconds of accuracy', 0, 1e9) * 1000 : 0) +
    (millis ? readSmallInteger(millis, 'milliseconds of accuracy', 1, 999) : 0) +
    (micros ? readSmallInteger(micros, 'microseconds of accuracy', 1, 999) / 1000 : 0)
  )
}
