import { CertificateError, verifyTimestampToken as verifyToken } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import { decodeCanonicalBase64 } from '../canonical-base64.ts'
import { MAX_TIMESTAMP_BYTES } from '../limits.ts'
import { ownMember, parseStrictJson } from '../strict-json.ts'
import type { TimestampAuthorityTrust } from './trust-material.ts'

export interface VerifiedTimestampToken {
  readonly time: Date
  readonly authority: string
}

/**
 * The time at which a trusted authority has seen some bytes.
 *
 * Chain and window must be those of one authority: the window of another one says nothing about this one.
 *
 * @param stamped for Sigstore the raw signature, never the payload
 * @throws AttestorError ATTESTOR_TIMESTAMP_INVALID
 * @see RFC 3161
 */
export function verifyTimestampToken(
  token: Uint8Array,
  stamped: Uint8Array,
  authorities: readonly TimestampAuthorityTrust[],
): VerifiedTimestampToken {
  if (token.length > MAX_TIMESTAMP_BYTES) throw invalid('the timestamp is too large')
  try {
    const { time, authority } = verifyToken({ token, stamped, authorities })
    return { time, authority: authorities.find((each) => each === authority)?.uri ?? '' }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw invalid(error.message, error.upstreamText)
  }
}

/**
 * The same for the annotation of cosign's older format: `{"SignedRFC3161Timestamp": base64}`.
 *
 * @throws AttestorError ATTESTOR_TIMESTAMP_INVALID
 */
export function verifyTimestampAnnotation(
  annotation: string,
  stamped: Uint8Array,
  authorities: readonly TimestampAuthorityTrust[],
): VerifiedTimestampToken {
  return verifyTimestampToken(readTimestampAnnotation(annotation), stamped, authorities)
}

/**
 * The token in such an annotation. Nothing in it is verified.
 *
 * @throws AttestorError ATTESTOR_TIMESTAMP_INVALID
 */
export function readTimestampAnnotation(annotation: string): Uint8Array {
  if (annotation.length > 2 * MAX_TIMESTAMP_BYTES) throw invalid('the timestamp is too large')
  const member = ownMember(
    parseStrictJson(annotation, 'the timestamp annotation', 'ATTESTOR_TIMESTAMP_INVALID'),
    'SignedRFC3161Timestamp',
  )
  const token = typeof member === 'string' ? decodeCanonicalBase64(member) : undefined
  if (token === undefined) throw invalid('the timestamp annotation holds no timestamp')
  return token
}

function invalid(reason: string, upstreamText = reason): AttestorError {
  return new AttestorError('ATTESTOR_TIMESTAMP_INVALID', reason, {
    upstreamText: `unable to verify RFC3161 timestamp bundle: ${upstreamText}`,
  })
}
