import { digestOf } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { createSharedBlobs, type SharedContent } from './shared-blobs.ts'

const signal = new AbortController().signal
const bytes = Buffer.from('payload')
const blob = { digest: digestOf(bytes), size: bytes.length }
const fromRegistry = (): Promise<Uint8Array> => Promise.resolve(bytes)
const notAsked = (): Promise<Uint8Array> => Promise.reject(new Error('the registry was asked'))

function memory(): SharedContent & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>()
  return {
    kept,
    get: (key) => Promise.resolve(kept.get(key)),
    set: (key, content) => Promise.resolve(void kept.set(key, content)),
  }
}

test('content is read by another process with the same access, and by no other', async () => {
  const content = memory()
  await createSharedBlobs(content).read('alice', blob, signal, fromRegistry)
  expect(await createSharedBlobs(content).read('alice', blob, signal, notAsked)).toEqual(bytes)
  await expect(createSharedBlobs(content).read('bob', blob, signal, notAsked)).rejects.toThrow('the registry was asked')
})

test.each([
  ['other bytes of its size', Buffer.from('PAYLOAD')],
  ['fewer bytes', Buffer.from('pay')],
  ['a string', 'payload'],
  ['null', null],
])('%s in place of the content are not used', async (_, poison) => {
  const content = { ...memory(), get: () => Promise.resolve(poison as unknown as Uint8Array) }
  expect(await createSharedBlobs(content).read('alice', blob, signal, fromRegistry)).toBe(bytes)
})

test.each([
  [
    'throws',
    (): never => {
      throw new Error('down')
    },
  ],
  ['fails', () => Promise.reject(new Error('down'))],
  ['never answers', () => new Promise<never>(() => undefined)],
])('content that %s is left alone for some seconds', async (_, get) => {
  let asked = 0
  let now = 0
  const failing = {
    get: (): Promise<never> => {
      asked++
      return get()
    },
    set: () => Promise.resolve(),
  }
  const blobs = createSharedBlobs(failing, () => now)
  for (let i = 0; i < 3; i++) expect(await blobs.read('alice', blob, signal, fromRegistry)).toBe(bytes)
  expect(asked).toBe(1)
  now += 5_001
  expect(await blobs.read('alice', blob, signal, fromRegistry)).toBe(bytes)
  expect(asked).toBe(2)
})

test('a large blob is not shared', async () => {
  const content = memory()
  const large = Buffer.alloc(1024 * 1024 + 1)
  const described = { digest: digestOf(large), size: large.length }
  expect(await createSharedBlobs(content).read('a', described, signal, () => Promise.resolve(large))).toBe(large)
  expect(content.kept.size).toBe(0)
})

test('an aborted caller gets no content', async () => {
  await expect(
    createSharedBlobs(memory()).read('a', blob, AbortSignal.abort(), () => Promise.reject(new Error('aborted'))),
  ).rejects.toThrow('aborted')
})
