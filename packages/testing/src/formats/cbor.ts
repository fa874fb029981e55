/** A value to encode. The entries of a map are sorted by their encoded keys (RFC 8949, section 4.2.1). */
export type CborValue =
  number | string | Uint8Array | readonly CborValue[] | ReadonlyMap<number | string, CborValue> | CborTag

export class CborTag {
  readonly tag: number
  readonly value: CborValue

  constructor(tag: number, value: CborValue) {
    this.tag = tag
    this.value = value
  }
}

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6 } as const

/** @see RFC 8949, section 3 */
export function encodeCbor(value: CborValue): Uint8Array {
  if (typeof value === 'number') return value < 0 ? head(MAJOR.negative, -1 - value) : head(MAJOR.unsigned, value)
  if (typeof value === 'string') return Buffer.concat([head(MAJOR.text, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(MAJOR.bytes, value.length), value])
  if (value instanceof CborTag) return Buffer.concat([head(MAJOR.tag, value.tag), encodeCbor(value.value)])
  if (value instanceof Map) return encodeMap(value)
  const items = value as readonly CborValue[]
  return Buffer.concat([head(MAJOR.array, items.length), ...items.map(encodeCbor)])
}

function encodeMap(map: ReadonlyMap<number | string, CborValue>): Uint8Array {
  const entries = [...map]
    .map(([key, value]) => ({ key: encodeCbor(key), value: encodeCbor(value) }))
    .toSorted((a, b) => Buffer.compare(a.key, b.key))
  return Buffer.concat([head(MAJOR.map, entries.length), ...entries.flatMap(({ key, value }) => [key, value])])
}

/** Encodes a major type and its argument, in the shortest form. */
function head(major: number, argument: number): Uint8Array {
  if (argument < 24) return Uint8Array.of((major << 5) | argument)
  const [octets, code] =
    argument < 2 ** 8 ? [1, 24] : argument < 2 ** 16 ? [2, 25] : argument < 2 ** 32 ? [4, 26] : [8, 27]
  return Buffer.concat([
    Uint8Array.of((major << 5) | code),
    Buffer.from(argument.toString(16).padStart(2 * octets, '0'), 'hex'),
  ])
}
