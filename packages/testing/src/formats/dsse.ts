/** A DSSE envelope with one signature. */
export interface SignedEnvelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** Returns the JSON of an envelope as cosign stores it in `.att` layers, with empty `keyid`s. */
export function envelopeJson(
  { payloadType, payload }: Pick<SignedEnvelope, 'payloadType' | 'payload'>,
  signatures: readonly Uint8Array[],
): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      payloadType,
      payload: base64(payload),
      signatures: signatures.map((signature) => ({ keyid: '', sig: base64(signature) })),
    }),
  )
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
