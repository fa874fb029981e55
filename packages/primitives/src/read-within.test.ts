import { expect, test } from 'vitest'
import { readWithin } from './read-within.ts'

/** Returns a stream that counts the chunks that were taken from it, and remembers that it was closed. */
function countingStream(...chunks: readonly string[]): AsyncIterable<Uint8Array> & { taken: number; closed: boolean } {
  const stream = {
    taken: 0,
    closed: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (const chunk of chunks) {
          stream.taken++
          yield await Promise.resolve(Buffer.from(chunk))
        }
      } finally {
        stream.closed = true
      }
    },
  }
  return stream
}

test('returns all bytes of a stream that has as many as allowed', async () => {
  expect(await readWithin(countingStream('ab', '', 'cd'), 4)).toEqual(Buffer.from('abcd'))
  expect(await readWithin(countingStream(), 0)).toEqual(Buffer.alloc(0))
})

test('stops and closes a stream at the first chunk too many', async () => {
  const stream = countingStream('ab', 'cd', 'ef', 'gh')
  expect(await readWithin(stream, 5)).toBeUndefined()
  expect([stream.taken, stream.closed]).toEqual([3, true])
})

test('passes on the error of a stream', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('ab'))
    throw new Error('connection reset')
  }
  await expect(readWithin(broken(), 10)).rejects.toThrow('connection reset')
})
