/**
 * Returns what a DSSE signature is over: `DSSEv1 <length> <type> <length> <payload>`.
 *
 * The lengths, in bytes, keep type and payload apart.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat(preAuthenticationParts(payloadType, payload))
}

/** Returns the same in two parts, of which the second is the payload itself: it may be too large to copy. */
export function preAuthenticationParts(payloadType: string, payload: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const typeLength = Buffer.byteLength(payloadType)
  return [Buffer.from(`DSSEv1 ${typeLength} ${payloadType} ${payload.length} `), payload]
}
