import type { Json } from '@verify-images/policy-parser'
import { AttestorError } from '../attestor-error.ts'
import { isJsonObject, ownMember } from '../strict-json.ts'

const members: ReadonlySet<string> = new Set(['_type', 'subject', 'predicateType', 'predicate'])
const subjectMembers: ReadonlySet<string> = new Set([
  'name',
  'uri',
  'digest',
  'content',
  'downloadLocation',
  'mediaType',
  'annotations',
])
/** As in sigstore-go. */
const maxDigests = 32
const hex = /^(?:[0-9a-fA-F]{2})*$/

/**
 * Requires the form of a statement that the verifiers of bundles demand: it is a protobuf message, so it has no other
 * members than these, its predicate is an object, and every digest of every subject is hex.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_INVALID
 * @see https://github.com/in-toto/attestation/blob/main/protos/in_toto_attestation/v1/statement.proto
 */
export function requireStatementForm(document: Json): void {
  if (!isJsonObject(document) || !Object.keys(document).every((name) => members.has(name)))
    throw invalid('the statement has members that a statement does not have')
  const predicate = ownMember(document, 'predicate') ?? null
  if (predicate !== null && !isJsonObject(predicate)) throw invalid('the predicate of the statement is no object')
  const subjects = ownMember(document, 'subject')
  if (!Array.isArray(subjects) || !subjects.every(isSubject)) throw invalid('a subject of the statement is malformed')
}

function isSubject(subject: Json): boolean {
  if (!isJsonObject(subject) || !Object.keys(subject).every((name) => subjectMembers.has(name))) return false
  const digests = ownMember(subject, 'digest') ?? {}
  const annotations = ownMember(subject, 'annotations') ?? {}
  return (
    isJsonObject(annotations) &&
    isJsonObject(digests) &&
    Object.keys(digests).length <= maxDigests &&
    Object.values(digests).every((value) => typeof value === 'string' && hex.test(value))
  )
}

function invalid(reason: string): AttestorError {
  return new AttestorError('ATTESTOR_PAYLOAD_INVALID', reason)
}
