import {
  CheckError,
  decodeDsseSignature,
  isJsonArray,
  isJsonText,
  type Json,
  jsonForm,
  type Message,
  misshapenMember,
  ownMember,
  parsePayloadDocument,
  preAuthenticationParts,
} from '@verify-images/primitives'
import { MAX_ENVELOPE_OTHER_BYTES, MAX_ENVELOPE_SIGNATURES, MAX_ENVELOPE_TOKENS } from '../limits.ts'

const signatureForm = jsonForm({ keyid: isJsonText, sig: isJsonText })
const inTotoType = 'application/vnd.in-toto+json'

/** A DSSE envelope. None of its signatures has been verified. */
export interface DsseEnvelope {
  readonly payload: Uint8Array
  /** The bytes that the signatures are over. */
  readonly signedBytes: Message
  readonly signatures: readonly Uint8Array[]
}

/**
 * Parses an envelope of an in-toto statement; the payload is decoded and not parsed.
 *
 * The payload type is signed and must be exactly in-toto's: a payload of another type binds no image.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_SIGNATURE_INVALID without a signature, ATTESTOR_LIMIT_EXCEEDED
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export async function parseEnvelope(bytes: Uint8Array, signal: AbortSignal): Promise<DsseEnvelope> {
  const { document, payload } = await parsePayloadDocument(bytes, {
    path: ['payload'],
    dialect: 'go',
    exactIntegers: false,
    maxTokens: MAX_ENVELOPE_TOKENS,
    maxOtherBytes: MAX_ENVELOPE_OTHER_BYTES,
    what: 'the envelope',
    code: 'ATTESTOR_PAYLOAD_INVALID',
    signal,
  })
  const type = ownMember(document, 'payloadType')
  if (type !== inTotoType) {
    const actual = typeof type === 'string' ? type : ''
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'payload type of the envelope: expected an in-toto statement', {
      expected: inTotoType,
      actual,
      detail: { kind: 'attestor-envelope-payload-type', actual, expected: inTotoType },
    })
  }
  if (payload === undefined)
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'payload of the envelope: expected padded standard base64')
  return {
    payload,
    signedBytes: preAuthenticationParts(type, payload),
    signatures: decodeSignatures(ownMember(document, 'signatures') ?? []),
  }
}

function decodeSignatures(list: Json): readonly Uint8Array[] {
  if (!isJsonArray(list) || list.length === 0) {
    throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'envelope: expected at least one signature', {
      detail: { kind: 'attestor-envelope-unsigned' },
    })
  }
  if (list.length > MAX_ENVELOPE_SIGNATURES) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `envelope: expected at most ${MAX_ENVELOPE_SIGNATURES} signatures, got ${list.length}`,
    )
  }
  return list.map((entry) => {
    const isReadable = misshapenMember(entry, signatureForm) === undefined
    const bytes = isReadable ? decodeDsseSignature(textOf(ownMember(entry, 'sig'))) : undefined
    if (bytes === undefined)
      throw new CheckError(
        'ATTESTOR_SIGNATURE_INVALID',
        'signature of the envelope: expected padded base64 of one alphabet',
      )
    return bytes
  })
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
