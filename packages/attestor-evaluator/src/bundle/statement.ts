import {
  CheckError,
  type Digest,
  isJsonObject,
  type Json,
  ownMember,
  type VerifiedPayload,
} from '@verify-images/primitives'
import { readStatement as readSignedStatement } from '../cosign/statement.ts'
import type { Statement } from '../signature-verifier.ts'

const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json'
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
/** Digests of one subject, as in sigstore-go. */
const MAX_SUBJECT_DIGESTS = 32
const hex = /^(?:[0-9a-fA-F]{2})*$/

/**
 * Requires that the payload of an envelope is a statement by its type.
 *
 * A payload of another type is not a statement, however much it looks like one.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID
 */
export function requireStatementType(payloadType: string): void {
  if (payloadType !== IN_TOTO_PAYLOAD) throw invalid(`expected an envelope of type ${IN_TOTO_PAYLOAD}`)
}

/**
 * Reads the statement in the payload of an envelope and requires that it is about this image.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_PAYLOAD_MISMATCH
 */
export function readStatement(payload: VerifiedPayload, digest: Digest): Statement {
  requireStatementForm(payload.document)
  const statement = readSignedStatement(payload, digest)
  if (statement.type === '') throw invalid('the statement has no predicate type')
  return statement
}

/**
 * Requires the form that verifiers of bundles demand: a statement is a protobuf message, so it has no members but
 * these, its predicate is an object, and every digest of every subject is hex.
 *
 * @see https://github.com/in-toto/attestation/blob/main/protos/in_toto_attestation/v1/statement.proto
 */
function requireStatementForm(document: Json): void {
  if (!isJsonObject(document) || !Object.keys(document).every((name) => members.has(name)))
    throw invalid('expected a statement with known members only')
  const predicate = ownMember(document, 'predicate') ?? null
  if (predicate !== null && !isJsonObject(predicate)) throw invalid('expected an object as the predicate')
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
    Object.keys(digests).length <= MAX_SUBJECT_DIGESTS &&
    Object.values(digests).every((value) => typeof value === 'string' && hex.test(value))
  )
}

/**
 * Returns the annotations that a statement gives the subject with the image's digest, after requiring those of the
 * policy.
 *
 * A message signature has no annotations. Kyverno ignores annotations of bundles altogether.
 *
 * @throws CheckError ATTESTOR_ANNOTATION_MISMATCH
 */
export function requireAnnotations(
  required: ReadonlyMap<string, string>,
  statement: Statement | undefined,
  digest: Digest,
): ReadonlyMap<string, string> {
  const signed = statement === undefined ? new Map<string, string>() : subjectAnnotations(statement, digest)
  for (const [name, value] of required) {
    const actual = signed.get(name)
    if (actual === value) continue
    throw new CheckError(
      'ATTESTOR_ANNOTATION_MISMATCH',
      `annotation \`${name.slice(0, 80)}\` of the statement does not have the required value`,
      { expected: value, actual: actual ?? '', difference: 'S29' },
    )
  }
  return signed
}

function subjectAnnotations(statement: Statement, digest: Digest): ReadonlyMap<string, string> {
  const [algorithm = '', value] = digest.split(':', 2)
  const subjects = ownMember(statement.document, 'subject')
  const subject = (Array.isArray(subjects) ? subjects : []).find(
    (each) => ownMember(ownMember(each, 'digest'), algorithm) === value,
  )
  const annotations = ownMember(subject, 'annotations')
  return new Map(
    Object.entries(isJsonObject(annotations) ? annotations : {}).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name, text]] : [],
    ),
  )
}

function invalid(problem: string): CheckError {
  return new CheckError('ATTESTOR_PAYLOAD_INVALID', problem)
}
