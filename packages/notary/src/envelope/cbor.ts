import { SequenceEvents, decode } from 'cbor2'
import { MAX_CBOR_DEPTH, MAX_CBOR_ITEMS } from '../limits.ts'
import { invalidEnvelope } from './envelope.ts'

/**
 * Parses CBOR that has only one reading: shortest lengths and numbers, definite lengths, no duplicate keys, no floats,
 * no data after the value. Maps become `Map`s and tags stay tags.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
 * @see RFC 8949, 4.2.1 (without the order of keys, which RFC 9052 does not ask for)
 */
export function parseStrictCbor(bytes: Uint8Array, what: string): unknown {
  try {
    // Slices of a Buffer are Buffers, which the library does not encode as byte strings.
    const plain = Uint8Array.from(bytes)
    // Items are counted before any is kept: a megabyte of zeros is a million items.
    let items = 0
    for (const _ of new SequenceEvents(plain, { maxDepth: MAX_CBOR_DEPTH })) {
      if (++items > MAX_CBOR_ITEMS) throw new RangeError(`expected at most ${MAX_CBOR_ITEMS} items`)
    }
    return decode(plain, {
      maxDepth: MAX_CBOR_DEPTH,
      requirePreferred: true,
      rejectStreaming: true,
      rejectDuplicateKeys: true,
      rejectFloats: true,
      rejectSimple: true,
      rejectUndefined: true,
      ignoreGlobalTags: true,
      preferMap: true,
    })
  } catch (cause) {
    throw invalidEnvelope(`${what}: expected canonical CBOR`, { cause })
  }
}
