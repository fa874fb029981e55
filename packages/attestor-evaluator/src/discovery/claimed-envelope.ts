import type { Json, JsonObject } from '@verify-images/policy-parser'
import { AttestorError } from '../attestor-error.ts'
import { decodeCanonicalBase64 } from '../canonical-base64.ts'
import type { Digest } from '../ports.ts'
import { isJsonObject, ownMember, parseStrictJson } from '../strict-json.ts'
import { statementSubject } from './claimed-subject.ts'
import type { ClaimedEnvelope, ClaimedParts } from './claims.ts'
import type { PartReading } from './part-reading.ts'

const inTotoType = 'application/vnd.in-toto+json'

/** What a DSSE envelope says it holds. A payload of another type than in-toto's is no statement, however much it looks like one. */
export function readClaimedEnvelope(
  envelope: Json,
  image: Digest,
  reading: PartReading,
): ClaimedEnvelope & Pick<ClaimedParts, 'subject'> {
  const payloadType = reading.text('payload type', ownMember(envelope, 'payloadType'))
  const signatures = ownMember(envelope, 'signatures')
  reading.part('signature', () => {
    if (!Array.isArray(signatures) || signatures.length === 0)
      throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the envelope holds none')
  })
  const payload = reading.part('payload', () => decodePayload(ownMember(envelope, 'payload')))
  const statement =
    payload && payloadType === inTotoType ? reading.part('statement', () => parseStatement(payload)) : undefined
  const predicateType = statement && reading.text('predicate type', ownMember(statement, 'predicateType'))
  const subject = statement && reading.part('subject', () => statementSubject(statement, image))
  return {
    ...(payloadType !== undefined && { payloadType }),
    ...(predicateType !== undefined && { predicateType }),
    ...(subject && { subject }),
  }
}

function decodePayload(text: Json | undefined): Uint8Array {
  const payload = typeof text === 'string' ? decodeCanonicalBase64(text) : undefined
  if (payload === undefined)
    throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the payload of the envelope is not canonical base64')
  return payload
}

function parseStatement(payload: Uint8Array): JsonObject {
  const statement = parseStrictJson(payload, 'the statement', 'ATTESTOR_PAYLOAD_INVALID')
  if (!isJsonObject(statement)) throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the statement is no object')
  return statement
}
