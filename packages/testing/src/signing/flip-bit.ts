/** A signature that is wrong and still well-formed: the last byte belongs to a number in every form of signature. */
export function withBitFlipped(signature: Uint8Array): Uint8Array {
  return Uint8Array.from(signature, (octet, i) => (i === signature.length - 1 ? octet ^ 1 : octet))
}
