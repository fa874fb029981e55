/** Returns whether two byte strings are equal. Not constant-time: everything compared here is public. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

/** Bytes, or parts of which they are put together: joining large ones would copy them. */
export type Message = Uint8Array | readonly Uint8Array[]

/** Returns the parts of a message. */
export function partsOf(message: Message): readonly Uint8Array[] {
  return message instanceof Uint8Array ? [message] : message
}

/** Returns the length of a message in bytes. */
export function messageLength(message: Message): number {
  return partsOf(message).reduce((sum, { length }) => sum + length, 0)
}

/** Returns a message in one piece. */
export function joined(message: Message): Uint8Array {
  return message instanceof Uint8Array ? message : Buffer.concat(message)
}
