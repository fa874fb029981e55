import { SequenceEvents, decode } from 'cbor2'
import { MAX_CBOR_DEPTH, MAX_CBOR_ITEMS } from '../limits.ts'
import { refuseEnvelope } from './refusal.ts'

/**
 * Reads CBOR that can be read in one way only: shortest lengths and numbers, definite lengths, no key twice, no
 * fractions, nothing behind the value. Maps are `Map`s and tags stay tags.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID
 * @see RFC 8949, 4.2.1 (without the order of keys, which RFC 9052 does not ask for)
 */
export function parseStrictCbor(bytes: Uint8Array, what: string): unknown {
  try {
    // Parts of a Buffer are Buffers, which the library would encode as something else than bytes.
    const plain = Uint8Array.from(bytes)
    // Items are counted before any is kept: a megabyte of zeros is a million items.
    let items = 0
    for (const _ of new SequenceEvents(plain, { maxDepth: MAX_CBOR_DEPTH })) {
      if (++items > MAX_CBOR_ITEMS) throw new RangeError(`more than ${MAX_CBOR_ITEMS} items`)
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
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'malformed'
    throw refuseEnvelope(`${what} is not canonical CBOR`, {
      upstreamText: `unable to parse the digital signature, error : cbor: ${reason}`,
      cause: error,
    })
  }
}
