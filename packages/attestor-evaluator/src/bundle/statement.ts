import { AttestorError } from '../attestor-error.ts'
import { readStatement as readSignedStatement, type Statement } from '../cosign/statement.ts'
import type { Digest } from '../ports.ts'
import { isJsonObject, ownMember, parseStrictJson } from '../strict-json.ts'
import { requireStatementForm } from './statement-form.ts'

const payloadTypeOfStatements = 'application/vnd.in-toto+json'

/**
 * The statement in an envelope, once it is about this image. A payload of another type is none, however much it looks
 * like one.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_PAYLOAD_MISMATCH
 */
export function openStatement(payloadType: string, payload: Uint8Array, digest: Digest): Statement {
  if (payloadType !== payloadTypeOfStatements)
    throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the envelope holds no in-toto statement')
  requireStatementForm(parseStrictJson(payload, 'the statement', 'ATTESTOR_PAYLOAD_INVALID'))
  const statement = readSignedStatement(payload, digest)
  if (statement.type === '') throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the statement has no predicate type')
  return statement
}

/** The annotations a statement makes about this image: those of the subject with its digest. */
export function subjectAnnotations(statement: Statement, digest: Digest): ReadonlyMap<string, string> {
  const [algorithm = '', hex] = digest.split(':', 2)
  const subjects = ownMember(statement.document, 'subject')
  const subject = (Array.isArray(subjects) ? subjects : []).find(
    (each) => ownMember(ownMember(each, 'digest'), algorithm) === hex,
  )
  const annotations = ownMember(subject, 'annotations')
  return new Map(
    Object.entries(isJsonObject(annotations) ? annotations : {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  )
}
