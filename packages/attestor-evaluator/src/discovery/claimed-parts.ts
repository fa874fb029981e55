import { CheckError, type Digest, type Json, ownMember } from '@verify-images/primitives'
import { type Certificate, parseTimestampToken } from '@verify-images/x509'
import { certificateSigner } from '../identity/signer.ts'
import { MAX_CLAIMED_DIGESTS, MAX_SUBJECTS } from '../limits.ts'
import type { LogEntry } from '../sigstore/log-entry.ts'
import type { ClaimedCertificate, ClaimedLogEntry, ClaimedSigner, ClaimedSubject, ClaimedTimestamp } from './claims.ts'
import { claimedText } from './part-reading.ts'

/** 9999-12-31T23:59:59Z, the last second of a year with four digits. */
const LAST_SECOND = 253_402_300_799n

/**
 * Describes what a signature claims to be for, by its digests.
 *
 * @throws CheckError ATTESTOR_LIMIT_EXCEEDED
 */
export function claimedSubject(digests: readonly string[], image: Digest): ClaimedSubject {
  return {
    isThisImage: digests.includes(image),
    digests: digests.slice(0, MAX_CLAIMED_DIGESTS).map(claimedText),
    count: digests.length,
  }
}

/**
 * Describes the subjects of a statement, by the digests that verifiers compare.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function claimedSubjectOf(statement: Json, image: Digest): ClaimedSubject {
  const subjects = ownMember(statement, 'subject')
  if (!Array.isArray(subjects))
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'expected an array as `subject` of the statement')
  if (subjects.length > MAX_SUBJECTS)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `subjects of the statement: expected at most ${MAX_SUBJECTS}, got ${subjects.length}`,
    )
  const digests = subjects.flatMap((subject) => {
    const hex = ownMember(ownMember(subject, 'digest'), 'sha256')
    return typeof hex === 'string' && hex.length <= 64 ? [`sha256:${hex}`] : []
  })
  return { ...claimedSubject(digests, image), count: subjects.length }
}

/** Describes a certificate that was stored with a signature, and the certificates stored as its issuers. */
export function claimedCertificate(certificate: Certificate, issuers: readonly Certificate[]): ClaimedSigner {
  return { kind: 'certificate', certificate: describe(certificate), issuers: issuers.map(describe) }
}

function describe(certificate: Certificate): ClaimedCertificate {
  const { kind: _, ...described } = certificateSigner(certificate)
  return described
}

/** @throws CheckError ATTESTOR_LOG_ENTRY_INVALID, ATTESTOR_LIMIT_EXCEEDED */
export function claimedLogEntry({
  logIndex,
  logId,
  kind,
  version,
  integratedTime,
}: Pick<LogEntry, 'logIndex' | 'logId' | 'kind' | 'version' | 'integratedTime'>): ClaimedLogEntry {
  return {
    logIndex: logIndex.toString(),
    logId: claimedText(logId),
    kind: `${claimedText(kind)} ${claimedText(version)}`,
    ...(integratedTime !== undefined && { integratedTime: secondsSince1970(integratedTime) }),
  }
}

function secondsSince1970(seconds: bigint): string {
  if (seconds < 0n || seconds > LAST_SECOND)
    throw new CheckError('ATTESTOR_LOG_ENTRY_INVALID', 'the integrated time of the log entry is out of range')
  return new Date(Number(seconds) * 1000).toISOString()
}

/**
 * Describes a timestamp token. Its authority and what it is over are not checked.
 *
 * @throws CertificateError
 */
export function claimedTimestamp(token: Uint8Array): ClaimedTimestamp {
  return { at: parseTimestampToken(token).genTime.toISOString() }
}
