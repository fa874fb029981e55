import type { Json } from '@verify-images/policy-parser'
import { AttestorError } from '../attestor-error.ts'
import { MAX_CLAIMED_DIGESTS, MAX_SUBJECTS } from '../limits.ts'
import type { Digest } from '../ports.ts'
import { ownMember } from '../strict-json.ts'
import type { ClaimedSubject } from './claims.ts'
import { claimedText } from './part-reading.ts'

/**
 * Of what was said to be signed, whether it is the image.
 *
 * @throws AttestorError ATTESTOR_LIMIT_EXCEEDED
 */
export function claimedSubject(digests: readonly string[], image: Digest): ClaimedSubject {
  return {
    isThisImage: digests.includes(image),
    digests: digests.slice(0, MAX_CLAIMED_DIGESTS).map(claimedText),
    count: digests.length,
  }
}

/**
 * The subjects of a statement, by the digests that verifiers look at.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function statementSubject(statement: Json, image: Digest): ClaimedSubject {
  const subjects = ownMember(statement, 'subject')
  if (!Array.isArray(subjects))
    throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the statement has no list of subjects')
  if (subjects.length > MAX_SUBJECTS)
    throw new AttestorError('ATTESTOR_LIMIT_EXCEEDED', `the statement has more than ${MAX_SUBJECTS} subjects`)
  const digests = subjects.flatMap((subject) => {
    const hex = ownMember(ownMember(subject, 'digest'), 'sha256')
    return typeof hex === 'string' && hex.length <= 64 ? [`sha256:${hex}`] : []
  })
  return { ...claimedSubject(digests, image), count: subjects.length }
}
