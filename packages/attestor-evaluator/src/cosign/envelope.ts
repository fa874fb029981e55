import { CheckError, decodeCanonicalBase64, ownMember, preAuthenticationEncoding } from '@verify-images/primitives'
import { MAX_ENVELOPE_SIGNATURES } from '../limits.ts'
import { parseDocument } from '@verify-images/primitives'

const inTotoType = 'application/vnd.in-toto+json'

/** A DSSE envelope: what was signed, and by whatever signatures. */
export interface Envelope {
  readonly payload: Uint8Array
  /** The bytes the signatures are over. */
  readonly signedBytes: Uint8Array
  readonly signatures: readonly Uint8Array[]
}

/**
 * Reads an envelope that holds an in-toto statement.
 *
 * The payload type is part of what is signed and must be exactly in-toto's: a payload of another type binds no image.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_SIGNATURE_INVALID when it holds no signature
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export function readEnvelope(bytes: Uint8Array): Envelope {
  const document = parseDocument(bytes, 'the envelope', 'ATTESTOR_PAYLOAD_INVALID')
  const type = ownMember(document, 'payloadType')
  if (type !== inTotoType) {
    const found = typeof type === 'string' ? type : ''
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'the envelope does not hold an in-toto statement', {
      expected: inTotoType,
      actual: found,
      detail: { kind: 'attestor-envelope-payload-type', actual: found, expected: inTotoType },
    })
  }
  const encoded = ownMember(document, 'payload')
  const payload = typeof encoded === 'string' ? decodeCanonicalBase64(encoded) : undefined
  if (payload === undefined)
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'the payload of the envelope is not canonical base64')
  return {
    payload,
    signedBytes: preAuthenticationEncoding(type, payload),
    signatures: readSignatures(ownMember(document, 'signatures') ?? []),
  }
}

function readSignatures(list: unknown): readonly Uint8Array[] {
  if (!Array.isArray(list) || list.length === 0) {
    throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'the envelope holds no signature', {
      detail: { kind: 'attestor-envelope-unsigned' },
    })
  }
  if (list.length > MAX_ENVELOPE_SIGNATURES) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `the envelope has ${list.length} signatures, at most ${MAX_ENVELOPE_SIGNATURES} are looked at`,
    )
  }
  return list.map((entry) => {
    const text = ownMember(entry, 'sig')
    const bytes = typeof text === 'string' ? decodeCanonicalBase64(text) : undefined
    if (bytes === undefined)
      throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'a signature of the envelope is not canonical base64')
    return bytes
  })
}
