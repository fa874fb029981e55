import { MAX_SMALL_PIECES, MIN_PIECE_BYTES } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import type { TransportAnswer } from './transport.ts'

export interface BodyBounds {
  readonly maxBytes: number
  /** The body must have `maxBytes` exactly. */
  readonly exact?: boolean
  /** What the body is called in a message: `the manifest`. */
  readonly what: string
  /** Called for each piece, and may throw: the session counts all it reads. */
  readonly onBytes: (count: number) => void
}

/** Pieces go into one growing array: kept apart, a body sent byte by byte would cost a hundred times its size. */
const FIRST_BYTES = 64 * 1024

/**
 * The whole body of an answer, as it was sent.
 *
 * A body over the bound is refused as soon as that is known: from its `Content-Length`, else at the first piece too
 * many. A `Content-Encoding` is refused unread: what is hashed must be what was sent, and unpacking is how a
 * megabyte becomes a gigabyte.
 *
 * @throws RegistryError `REGISTRY_RESPONSE_TOO_LARGE` (or `REGISTRY_SIZE_MISMATCH`), `REGISTRY_RESPONSE_INVALID`
 * @throws TransportFault
 */
export async function readBody(
  answer: TransportAnswer,
  { maxBytes, exact = false, what, onBytes }: BodyBounds,
): Promise<Uint8Array> {
  try {
    const encoding = answer.header('content-encoding')
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
      throw new RegistryError(
        'REGISTRY_RESPONSE_INVALID',
        `${what} came with a content encoding, though none was asked for`,
      )
    }
    const announced = answer.header('content-length')
    if (announced !== undefined && Number(announced) > maxBytes) throw outOfBounds(what, maxBytes, exact)
    let bytes = new Uint8Array(Math.min(FIRST_BYTES, maxBytes))
    let length = 0
    let pieces = 0
    for await (const piece of answer.body) {
      if (++pieces > MAX_SMALL_PIECES + length / MIN_PIECE_BYTES) {
        throw new RegistryError('REGISTRY_RESPONSE_INVALID', `${what} came in more pieces than it is worth`)
      }
      if (length + piece.length > maxBytes) throw outOfBounds(what, maxBytes, exact)
      onBytes(piece.length)
      if (length + piece.length > bytes.length)
        bytes = grown(bytes, Math.min(maxBytes, Math.max(2 * bytes.length, length + piece.length)))
      bytes.set(piece, length)
      length += piece.length
    }
    if (exact && length !== maxBytes) throw outOfBounds(what, maxBytes, exact, length)
    return length === bytes.length ? bytes : bytes.slice(0, length)
  } catch (error) {
    answer.discard()
    throw error
  }
}

/** The first bytes of an error's body, to be shown. Never fails: a broken body says nothing. */
export async function readErrorBody(
  answer: TransportAnswer,
  maxBytes: number,
  onBytes: (count: number) => void,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    if ((answer.header('content-encoding') ?? 'identity').trim().toLowerCase() !== 'identity') return new Uint8Array()
    for await (const piece of answer.body) {
      onBytes(piece.length)
      pieces.push(piece.subarray(0, maxBytes - length))
      length += piece.length
      if (length >= maxBytes) break
    }
  } catch (error) {
    if (error instanceof RegistryError) throw error
  } finally {
    answer.discard()
  }
  return Buffer.concat(pieces)
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}

function outOfBounds(what: string, maxBytes: number, exact: boolean, length?: number): RegistryError {
  return exact
    ? new RegistryError('REGISTRY_SIZE_MISMATCH', `${what} has ${length ?? 'more'} bytes, expected ${maxBytes}`)
    : new RegistryError('REGISTRY_RESPONSE_TOO_LARGE', `${what} is larger than the ${maxBytes} bytes that are taken`)
}
