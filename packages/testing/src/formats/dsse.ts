/** A statement, or anything else, that was signed together with its type. */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** The envelope as cosign writes it into `.att` manifests, with an empty key id. */
export function envelopeJson({ payloadType, payload, signature }: Envelope): object {
  return { payloadType, payload: base64(payload), signatures: [{ keyid: '', sig: base64(signature) }] }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
