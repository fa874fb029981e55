import { CheckError, type Digest, isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import { MAX_SUBJECTS } from '../limits.ts'
import { parseVerifiedPayload } from '@verify-images/primitives'
import type { Statement } from '../signature-verifier.ts'

const statementTypes: ReadonlySet<Json | undefined> = new Set([
  'https://in-toto.io/Statement/v0.1',
  'https://in-toto.io/Statement/v1',
])

/**
 * Reads a signed statement and requires that one of its subjects is this digest, by the name `sha256` and in lower case.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_PAYLOAD_MISMATCH
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export function readStatement(payload: Uint8Array, digest: Digest): Statement {
  const document = parseVerifiedPayload(payload, 'the statement')
  if (!isJsonObject(document)) throw invalid('the statement is no object')
  requireSubject(ownMember(document, 'subject'), digest)
  const header = ownMember(document, '_type')
  const type = ownMember(document, 'predicateType')
  if (!statementTypes.has(header)) throw invalid('the document is no in-toto statement of a known version')
  if (typeof type !== 'string') throw invalid('the statement has no predicate type')
  const predicate = ownMember(document, 'predicate') ?? null
  return {
    type,
    predicate,
    document: {
      _type: header ?? null,
      predicateType: type,
      subject: ownMember(document, 'subject') ?? null,
      predicate,
      type,
    },
  }
}

function requireSubject(subjects: Json | undefined, digest: Digest): void {
  const list = Array.isArray(subjects) ? subjects : []
  if (list.length > MAX_SUBJECTS)
    throw new CheckError('ATTESTOR_LIMIT_EXCEEDED', `the statement has more than ${MAX_SUBJECTS} subjects`)
  const digests = list.map((subject) => ownMember(ownMember(subject, 'digest'), 'sha256'))
  if (digests.some((hex) => typeof hex === 'string' && /^[0-9a-f]{64}$/.test(hex) && `sha256:${hex}` === digest)) return
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
