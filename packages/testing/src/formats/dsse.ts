/** A DSSE envelope with one signature. */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** Returns the JSON of an envelope as cosign stores it in `.att` layers, with an empty `keyid`. */
export function envelopeJson({ payloadType, payload, signature }: Envelope): object {
  return { payloadType, payload: base64(payload), signatures: [{ keyid: '', sig: base64(signature) }] }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
