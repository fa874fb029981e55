/** Whether two byte strings are equal. Not constant-time: everything compared here is public. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}
