import { yieldIfDue } from '@verify-images/primitives'
import { MAX_SMALL_CHUNKS, MIN_CHUNK_BYTES } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import type { TransportAnswer } from './transport.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** The body must have `maxBytes` exactly. */
  readonly exact?: boolean
  /** The name of the body in a message, such as `the manifest`. */
  readonly what: string
  /** Called for each part of the body, to count and hash it. May throw. */
  readonly onPart: (part: Uint8Array) => void
}

/**
 * Chunks are copied into one growing array: kept apart, a body of single bytes would cost a hundred times its size. The
 * memory of an array that is never filled is not used: the system provides a page when it is written to.
 */
const FIRST_BYTES = 64 * 1024
/** Bytes that are hashed between two turns of the event loop. */
const PART_BYTES = 256 * 1024

/**
 * Reads the whole body of an answer, as it was sent.
 *
 * A body over the limit is refused as soon as that is known: from its `Content-Length`, or at the first chunk beyond
 * the limit. A `Content-Encoding` is refused unread: the bytes that are hashed must be those that were sent, and
 * decompression turns a megabyte into a gigabyte.
 *
 * @throws RegistryError `REGISTRY_RESPONSE_TOO_LARGE` (or `REGISTRY_SIZE_MISMATCH`), `REGISTRY_RESPONSE_INVALID`
 * @throws TransportFault
 */
export async function readBody(
  answer: TransportAnswer,
  { maxBytes, exact = false, what, onPart }: BodyLimits,
): Promise<Uint8Array> {
  try {
    const encoding = answer.header('content-encoding')
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
      throw new RegistryError('REGISTRY_RESPONSE_INVALID', `${what} has a content encoding: expected none`)
    }
    const announced = answer.header('content-length')
    if (announced !== undefined && Number(announced) > maxBytes) throw wrongSize(what, maxBytes, exact)
    let bytes = new Uint8Array(Math.min(FIRST_BYTES, maxBytes))
    let length = 0
    let chunks = 0
    for await (const chunk of answer.body) {
      if (++chunks > MAX_SMALL_CHUNKS + length / MIN_CHUNK_BYTES) {
        throw new RegistryError('REGISTRY_RESPONSE_INVALID', `${what} is split into too many small chunks`)
      }
      if (length + chunk.length > maxBytes) throw wrongSize(what, maxBytes, exact)
      for (const part of partsOf(chunk)) {
        onPart(part)
        await yieldIfDue()
      }
      if (length + chunk.length > bytes.length)
        bytes = grown(bytes, exact ? maxBytes : Math.min(maxBytes, Math.max(2 * bytes.length, length + chunk.length)))
      bytes.set(chunk, length)
      length += chunk.length
    }
    if (exact && length !== maxBytes) throw wrongSize(what, maxBytes, exact, length)
    return length === bytes.length ? bytes : bytes.slice(0, length)
  } catch (error) {
    answer.discard()
    throw error
  }
}

/** Reads the first bytes of the body of an error answer. A broken body does not fail: its first bytes are returned. */
export async function readErrorBody(
  answer: TransportAnswer,
  maxBytes: number,
  onBytes: (count: number) => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    if ((answer.header('content-encoding') ?? 'identity').trim().toLowerCase() !== 'identity') return new Uint8Array()
    for await (const chunk of answer.body) {
      onBytes(chunk.length)
      chunks.push(chunk.subarray(0, maxBytes - length))
      length += chunk.length
      if (length >= maxBytes) break
    }
  } catch (error) {
    if (error instanceof RegistryError) throw error
  } finally {
    answer.discard()
  }
  return Buffer.concat(chunks)
}

/**
 * Splits a chunk of a custom fetch, which may be the whole body, into parts that are hashed in less than a millisecond.
 */
function* partsOf(chunk: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < chunk.length; start += PART_BYTES) yield chunk.subarray(start, start + PART_BYTES)
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}

function wrongSize(what: string, maxBytes: number, exact: boolean, length?: number): RegistryError {
  return exact
    ? new RegistryError('REGISTRY_SIZE_MISMATCH', `${what} has ${length ?? 'more'} bytes, expected ${maxBytes}`)
    : new RegistryError('REGISTRY_RESPONSE_TOO_LARGE', `${what} is too large: expected at most ${maxBytes} bytes`)
}
