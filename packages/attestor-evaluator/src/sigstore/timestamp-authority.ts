import { CheckError, decodeGoBase64, ownMember, parseDocument } from '@verify-images/primitives'
import { CertificateError, verifyTimestampTokenInSlices, type Work } from '@verify-images/x509'
import { MAX_TIMESTAMP_BYTES } from '../limits.ts'
import type { TimestampAuthorityTrust } from './trust-material.ts'

export interface TrustedTimestamp {
  readonly time: Date
  readonly authority: string
}

/**
 * Verifies a timestamp token over some bytes and returns its time.
 *
 * Chain and validity window must be those of one authority, never of two.
 *
 * @param timestamped the raw signature, never the payload
 * @throws CheckError ATTESTOR_TIMESTAMP_INVALID
 * @see RFC 3161
 */
export async function verifyTimestamp(
  token: Uint8Array,
  timestamped: Uint8Array,
  authorities: readonly TimestampAuthorityTrust[],
  work: Work,
): Promise<TrustedTimestamp> {
  if (token.length > MAX_TIMESTAMP_BYTES) throw tooLarge(MAX_TIMESTAMP_BYTES, 'bytes')
  try {
    const { time, authority } = await verifyTimestampTokenInSlices({ token, timestamped, authorities }, work)
    return { time, authority: authorities.find((each) => each === authority)?.uri ?? '' }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw invalid(error.message)
  }
}

/**
 * Verifies the timestamp token in cosign's annotation: `{"SignedRFC3161Timestamp": base64}`.
 *
 * @throws CheckError ATTESTOR_TIMESTAMP_INVALID
 */
export async function verifyTimestampAnnotation(
  annotation: string,
  timestamped: Uint8Array,
  authorities: readonly TimestampAuthorityTrust[],
  work: Work,
): Promise<TrustedTimestamp> {
  return verifyTimestamp(parseTimestampAnnotation(annotation), timestamped, authorities, work)
}

/**
 * Parses the annotation and returns the timestamp token. Nothing in it is verified.
 *
 * @throws CheckError ATTESTOR_TIMESTAMP_INVALID
 */
export function parseTimestampAnnotation(annotation: string): Uint8Array {
  if (annotation.length > 2 * MAX_TIMESTAMP_BYTES) throw tooLarge(2 * MAX_TIMESTAMP_BYTES, 'characters')
  const member = ownMember(
    parseDocument(annotation, 'the timestamp annotation', 'ATTESTOR_TIMESTAMP_INVALID'),
    'SignedRFC3161Timestamp',
  )
  const token = typeof member === 'string' ? decodeGoBase64(member) : undefined
  if (token === undefined)
    throw invalid('timestamp annotation: expected padded standard base64 as `SignedRFC3161Timestamp`')
  return token
}

function tooLarge(limit: number, unit: string): CheckError {
  return invalid(`the timestamp is too large: expected at most ${limit} ${unit}`)
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_TIMESTAMP_INVALID', reason)
}
