import {
  CheckError,
  decodeProtobufBase64,
  type Digest,
  hasFoldedTwins,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  ownMember,
  printableText,
  type VerifiedPayload,
} from '@verify-images/primitives'
import { MAX_SUBJECTS } from '../limits.ts'
import type { Statement } from '../signature-verifier.ts'

const statementTypes: ReadonlySet<Json | undefined> = new Set([
  'https://in-toto.io/Statement/v0.1',
  'https://in-toto.io/Statement/v1',
])

/**
 * Reads the statement in a payload and requires that the `sha256` of one of its subjects is this digest, in lower case.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_PAYLOAD_MISMATCH
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export function readStatement({ document, predicate }: VerifiedPayload, digest: Digest): Statement {
  if (!isJsonObject(document)) throw invalid('statement: expected an object')
  requireSubject(ownMember(document, 'subject'), digest)
  requireMembers(document)
  const header = ownMember(document, '_type')
  const type = ownMember(document, 'predicateType')
  if (!statementTypes.has(header)) throw invalid('statement: expected a known version of in-toto as `_type`')
  if (typeof type !== 'string') throw invalid('statement: expected a string as `predicateType`')
  return {
    type,
    predicate,
    document: {
      _type: header ?? null,
      predicateType: type,
      subject: ownMember(document, 'subject') ?? null,
      type,
    },
  }
}

const members: ReadonlySet<string> = new Set(['_type', 'subject', 'predicateType', 'predicate'])
const subjectMembers: ReadonlyMap<string, (value: Json) => boolean> = new Map<string, (value: Json) => boolean>([
  ['name', isString],
  ['uri', isString],
  ['downloadLocation', isString],
  ['mediaType', isString],
  ['digest', (value) => isJsonObject(value) && Object.values(value).every(isString)],
  ['content', (value) => isString(value) && decodeProtobufBase64(value) !== undefined],
  ['annotations', isJsonObject],
])

/**
 * Requires the members of a statement and their types: to cosign it is a protobuf message, which has no others.
 *
 * @see https://github.com/in-toto/attestation/blob/main/protos/in_toto_attestation/v1/statement.proto
 */
function requireMembers(document: JsonObject): void {
  const unknown = Object.keys(document).find((name) => !members.has(name))
  if (unknown !== undefined)
    throw invalid(`statement: expected known members only, got \`${printableText(unknown, 40)}\``)
  const subjects = ownMember(document, 'subject') ?? []
  if (!isJsonArray(subjects) || !subjects.every(isSubject)) throw invalid('a subject of the statement is malformed')
}

function isSubject(subject: Json): boolean {
  return (
    isJsonObject(subject) &&
    Object.entries(subject).every(([name, value]) => {
      const check = subjectMembers.get(name)
      return check !== undefined && (value === null || check(value))
    })
  )
}

function isString(value: Json): value is string {
  return typeof value === 'string'
}

function requireSubject(subjects: Json | undefined, digest: Digest): void {
  const list = isJsonArray(subjects) ? subjects : []
  if (list.length > MAX_SUBJECTS)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `statement: expected at most ${MAX_SUBJECTS} subjects, got ${list.length}`,
    )
  if (list.some(hasFoldedTwins))
    throw invalid('statement: expected keys of a subject that differ in more than their case')
  const digests = list.map((subject) => ownMember(ownMember(subject, 'digest'), 'sha256'))
  if (digests.some((hex) => typeof hex === 'string' && `sha256:${hex}` === digest)) return
  throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the statement is about another image', {
    detail: { kind: 'attestor-subject-mismatch' },
    expected: digest,
    actual: digests
      .filter((hex) => typeof hex === 'string')
      .slice(0, 4)
      .join(', '),
  })
}

function invalid(message: string): CheckError {
  return new CheckError('ATTESTOR_PAYLOAD_INVALID', message)
}
