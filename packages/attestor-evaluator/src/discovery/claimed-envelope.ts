import {
  CheckError,
  DEFAULT_BUDGET,
  decodeGoBase64,
  type Digest,
  isJsonObject,
  type Json,
  type JsonObject,
  ownMember,
} from '@verify-images/primitives'
import { parseDocument } from '@verify-images/primitives'
import { claimedSubjectOf } from './claimed-parts.ts'
import type { ClaimedEnvelope, ClaimedParts } from './claims.ts'
import type { PartReading } from './part-reading.ts'

const inTotoType = 'application/vnd.in-toto+json'

/** Reads the claims of a DSSE envelope. Only a payload of the in-toto type is read as a statement. */
export function readClaimedEnvelope(
  envelope: Json,
  image: Digest,
  reading: PartReading,
): ClaimedEnvelope & Pick<ClaimedParts, 'subject'> {
  const payloadType = reading.text('payload type', ownMember(envelope, 'payloadType'))
  const signatures = ownMember(envelope, 'signatures')
  reading.part('signature', () => {
    if (!Array.isArray(signatures) || signatures.length === 0)
      throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'expected at least one signature in the envelope')
  })
  const payload = reading.part('payload', () => decodePayload(ownMember(envelope, 'payload')))
  const statement =
    payload && payloadType === inTotoType ? reading.part('statement', () => parseStatement(payload)) : undefined
  const predicateType = statement && reading.text('predicate type', ownMember(statement, 'predicateType'))
  const subject = statement && reading.part('subject', () => claimedSubjectOf(statement, image))
  return {
    ...(payloadType !== undefined && { payloadType }),
    ...(predicateType !== undefined && { predicateType }),
    ...(subject && { subject }),
  }
}

function decodePayload(text: Json | undefined): Uint8Array {
  const payload = typeof text === 'string' ? decodeGoBase64(text) : undefined
  if (payload === undefined)
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'payload of the envelope: expected padded standard base64')
  return payload
}

function parseStatement(payload: Uint8Array): JsonObject {
  const statement = parseDocument(payload, 'the statement', 'ATTESTOR_PAYLOAD_INVALID', {
    exactIntegers: false,
    maxTokens: DEFAULT_BUDGET.tokens,
  })
  if (!isJsonObject(statement)) throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'expected an object as the statement')
  return statement
}
