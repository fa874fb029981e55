/** Returns an invalid signature that is still well-formed: its last byte is part of a number in every format. */
export function withBitFlipped(signature: Uint8Array): Uint8Array {
  return Uint8Array.from(signature, (octet, i) => (i === signature.length - 1 ? octet ^ 1 : octet))
}
