/** A statement, or anything else, that was signed together with its type. */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** @see DSSE v1, "Signature Definition" */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${String(Buffer.byteLength(payloadType))} ${payloadType} ${String(payload.length)} `),
    payload,
  ])
}

/** The envelope as cosign writes it into `.att` manifests, with an empty key id. */
export function envelopeJson({ payloadType, payload, signature }: Envelope): object {
  return { payloadType, payload: base64(payload), signatures: [{ keyid: '', sig: base64(signature) }] }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
