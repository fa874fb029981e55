import { createHash } from 'node:crypto'
import { joined, type Message, messageLength, partsOf } from './bytes.ts'
import { yieldIfDue } from './scheduler.ts'

/** Hashed between two looks at the clock: 256 KiB take about 0.2 ms with SHA-256 in hardware and 1 ms without. */
const SLICE_BYTES = 256 * 1024

/** Hashes of large messages that were made already; an entry goes with its message. */
const known = new WeakMap<object, Map<string, Promise<Buffer>>>()

/**
 * Returns the hash of a message that does not change meanwhile, and lets the event loop turn between slices. The same
 * message is hashed once, however often it is asked for.
 *
 * @throws the reason of the signal, when it was aborted
 */
export async function hashInSlices(
  algorithm: 'sha256' | 'sha384' | 'sha512',
  message: Message,
  signal: AbortSignal,
): Promise<Buffer> {
  if (messageLength(message) <= SLICE_BYTES) return createHash(algorithm).update(joined(message)).digest()
  signal.throwIfAborted()
  const hashes = known.get(message) ?? new Map<string, Promise<Buffer>>()
  known.set(message, hashes)
  const hash = hashes.get(algorithm) ?? hashSlices(algorithm, message, signal)
  hashes.set(algorithm, hash)
  try {
    return await hash
  } catch {
    // The evaluation that began it was aborted: this one, or another that has the same bytes.
    hashes.delete(algorithm)
    return hashInSlices(algorithm, message, signal)
  }
}

async function hashSlices(algorithm: string, message: Message, signal: AbortSignal): Promise<Buffer> {
  const hash = createHash(algorithm)
  await updateInSlices(hash, message, signal)
  return hash.digest()
}

/**
 * Feeds a message to a hash or the verification of a signature, and lets the event loop turn between slices.
 *
 * @throws the reason of the signal, when it was aborted
 */
export async function updateInSlices(
  target: { update(bytes: Uint8Array): unknown },
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  for (const part of partsOf(message)) {
    for (let start = 0; start < part.length; start += SLICE_BYTES) {
      await yieldIfDue(signal)
      target.update(part.subarray(start, start + SLICE_BYTES))
    }
  }
}
