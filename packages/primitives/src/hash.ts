import { createHash } from 'node:crypto'
import { yieldIfDue } from './scheduler.ts'

/** Hashed between two looks at the clock: 256 KiB take about 0.2 ms with SHA-256 in hardware and 1 ms without. */
const SLICE_BYTES = 256 * 1024

/** Hashes of large bytes that were made already; an entry goes with its bytes. */
const known = new WeakMap<Uint8Array, Map<string, Promise<Buffer>>>()

/**
 * Returns the hash of bytes that do not change meanwhile, and lets the event loop turn between slices. The same bytes are
 * hashed once, however often they are asked for.
 *
 * @throws the reason of the signal, when it was aborted
 */
export async function hashInSlices(
  algorithm: 'sha256' | 'sha384' | 'sha512',
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Buffer> {
  if (bytes.length <= SLICE_BYTES) return createHash(algorithm).update(bytes).digest()
  signal.throwIfAborted()
  const hashes = known.get(bytes) ?? new Map<string, Promise<Buffer>>()
  known.set(bytes, hashes)
  const hash = hashes.get(algorithm) ?? hashSlices(algorithm, bytes, signal)
  hashes.set(algorithm, hash)
  try {
    return await hash
  } catch {
    // The evaluation that began it was aborted: this one, or another that has the same bytes.
    hashes.delete(algorithm)
    return hashInSlices(algorithm, bytes, signal)
  }
}

async function hashSlices(algorithm: string, bytes: Uint8Array, signal: AbortSignal): Promise<Buffer> {
  const hash = createHash(algorithm)
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    await yieldIfDue(signal)
    hash.update(bytes.subarray(start, start + SLICE_BYTES))
  }
  return hash.digest()
}
