/**
 * Compares two strings by their UTF-8 bytes, as Go does: negative, zero or positive. JavaScript's own order differs if
 * one has a character above U+FFFF.
 */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  let at = 0
  while (at < length && left.charCodeAt(at) === right.charCodeAt(at)) at++
  if (at === length) return left.length - right.length
  return byteRank(left.charCodeAt(at)) - byteRank(right.charCodeAt(at))
}

/** Surrogates encode characters above all others. */
function byteRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
