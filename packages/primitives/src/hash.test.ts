import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashInSlices, updateInSlices } from './hash.ts'

const { signal } = new AbortController()
const large = Buffer.alloc(1_000_000, 'x')

test.each([
  ['small bytes', Buffer.from('abc'), Buffer.from('abc')],
  ['small parts', [Buffer.from('a'), Buffer.from('bc')], Buffer.from('abc')],
  ['large bytes', large, large],
  ['large parts', [Buffer.from('a'), large], Buffer.concat([Buffer.from('a'), large])],
])('hashes %s as in one piece', async (_, message, whole) => {
  for (const algorithm of ['sha256', 'sha512'] as const)
    expect(await hashInSlices(algorithm, message, signal)).toEqual(createHash(algorithm).update(whole).digest())
})

test('hashes large bytes once, also after an evaluation that began it was aborted', async () => {
  const message = Buffer.alloc(1_000_000, 'y')
  await expect(hashInSlices('sha256', message, AbortSignal.abort(new Error('deadline')))).rejects.toThrow('deadline')
  const first = await hashInSlices('sha256', message, signal)
  expect(await hashInSlices('sha256', message, signal)).toBe(first)
})

test('feeds a message in parts of at most 256 KiB', async () => {
  const sizes: number[] = []
  await updateInSlices({ update: ({ length }) => sizes.push(length) }, [Buffer.from('a'), large], signal)
  expect(Math.max(...sizes)).toBe(256 * 1024)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(1_000_001)
})
