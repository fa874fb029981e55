import { expect, test } from 'vitest'
import { RegistryError } from '../registry-error.ts'
import { createKeptReads, type KeptReads, type KeptReadsOptions } from './kept-reads.ts'

const signal = new AbortController().signal
const time = { wall: 0, monotonic: 0 }
const pass = (ms: number): void => {
  time.wall += ms
  time.monotonic += ms
}

function create(options: Partial<KeptReadsOptions<string>> = {}): KeptReads<string> {
  return createKeptReads({
    maxBytes: 100_000,
    maxItemBytes: 50_000,
    maxFailureAgeMs: 0,
    now: () => ({ ...time }),
    sizeOf: ({ length }) => length,
    ...options,
  })
}

/** Answers with the number of the request. */
function counting(): { readonly fetch: () => Promise<string>; readonly count: () => number } {
  let requests = 0
  return { fetch: () => Promise.resolve(String(++requests)), count: () => requests }
}

test('an answer is kept for the stated age, counted from before its request', async () => {
  const reads = create()
  const { fetch } = counting()
  const slow = async (): Promise<string> => {
    pass(30)
    return fetch()
  }
  expect(await reads.read('a', 100, signal, slow)).toBe('1')
  pass(70)
  expect(await reads.read('a', 100, signal, fetch)).toBe('1')
  pass(1)
  expect(await reads.read('a', 100, signal, fetch)).toBe('2')
})

test('keys share nothing', async () => {
  const reads = create()
  const { fetch } = counting()
  expect(await reads.read('a', 100, signal, fetch)).toBe('1')
  expect(await reads.read('b', 100, signal, fetch)).toBe('2')
})

test('with an age of 0 nothing is kept, and callers at the same time share nothing', async () => {
  const reads = create()
  const { fetch } = counting()
  expect(await Promise.all([reads.read('a', 0, signal, fetch), reads.read('a', 0, signal, fetch)])).toEqual(['1', '2'])
  expect(await reads.read('a', 0, signal, fetch)).toBe('3')
})

test('a caller does not share a request that is older than its age', async () => {
  const reads = create()
  const first = Promise.withResolvers<string>()
  const { fetch } = counting()
  const slow = reads.read('a', 100, signal, () => first.promise)
  const shares = reads.read('a', 100, signal, fetch)
  pass(101)
  const asksAgain = reads.read('a', 100, signal, fetch)
  first.resolve('old')
  expect(await Promise.all([slow, shares, asksAgain])).toEqual(['old', 'old', '1'])
})

test('500 callers who do not share a request that is too old for them share the next one', async () => {
  const reads = create()
  const first = Promise.withResolvers<string>()
  const { fetch, count } = counting()
  const slow = reads.read('a', 100, signal, () => first.promise)
  pass(101)
  // Each asks a little later, so that the next request is sent after most of them asked.
  const later = Array.from({ length: 500 }, () => {
    pass(0.01)
    return reads.read('a', 100, signal, fetch)
  })
  pass(1)
  first.resolve('old')
  expect(await slow).toBe('old')
  expect(new Set(await Promise.all(later))).toEqual(new Set(['1']))
  expect(count()).toBe(1)
})

test('an answer that comes late does not replace that of a later request', async () => {
  const reads = create()
  const late = Promise.withResolvers<string>()
  const caller = new AbortController()
  const left = reads.read('a', 100, caller.signal, () => late.promise)
  caller.abort()
  await expect(left).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  pass(1)
  expect(await reads.read('a', 100, signal, () => Promise.resolve('new'))).toBe('new')
  late.resolve('old')
  await late.promise
  await new Promise((turn) => setImmediate(turn))
  expect(await reads.read('a', 100, signal, () => Promise.resolve('again'))).toBe('new')
})

test('500 callers at the same time cost one request', async () => {
  const reads = create()
  const { fetch, count } = counting()
  const answers = await Promise.all(Array.from({ length: 500 }, () => reads.read('a', 100, signal, fetch)))
  expect(new Set(answers)).toEqual(new Set(['1']))
  expect(count()).toBe(1)
})

test.each(['REGISTRY_TIMEOUT', 'REGISTRY_ABORTED', 'REGISTRY_LIMIT_EXCEEDED'] as const)(
  '%s of one caller is not the answer for another',
  async (code) => {
    const reads = create({ maxFailureAgeMs: 1_000 })
    const { fetch } = counting()
    const own = reads.read('a', 100, signal, () => Promise.reject(new RegistryError(code, 'mine')))
    const other = reads.read('a', 100, signal, fetch)
    await expect(own).rejects.toMatchObject({ code })
    expect(await other).toBe('1')
  },
)

test('callers at the same time share the failure of the registry, and later ones ask again', async () => {
  const reads = create()
  const { fetch, count } = counting()
  const fail = async (): Promise<string> => {
    await fetch()
    throw new RegistryError('REGISTRY_UNAVAILABLE', 'down')
  }
  const results = await Promise.allSettled([reads.read('a', 100, signal, fail), reads.read('a', 100, signal, fail)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(count()).toBe(1)
  expect(await reads.read('a', 100, signal, fetch)).toBe('2')
})

test('a failure is kept for its own age', async () => {
  const reads = create({ maxFailureAgeMs: 10 })
  const { fetch } = counting()
  const down = new RegistryError('REGISTRY_UNAVAILABLE', 'down')
  await expect(reads.read('a', 100, signal, () => Promise.reject(down))).rejects.toBe(down)
  pass(10)
  await expect(reads.read('a', 100, signal, fetch)).rejects.toBe(down)
  pass(1)
  expect(await reads.read('a', 100, signal, fetch)).toBe('1')
})

test('a caller who aborts leaves the request to the others', async () => {
  const reads = create()
  const answer = Promise.withResolvers<string>()
  const caller = new AbortController()
  const first = reads.read('a', 100, caller.signal, () => answer.promise)
  const second = reads.read('a', 100, signal, () => Promise.reject(new Error('not asked')))
  caller.abort()
  await expect(first).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  answer.resolve('kept')
  expect(await second).toBe('kept')
  await expect(reads.read('a', 100, caller.signal, () => answer.promise)).rejects.toThrow('the caller aborted')
})

test('drops what was used least recently, and keeps nothing that is too large', async () => {
  const reads = create({ maxBytes: 2_000, maxItemBytes: 1_000 })
  const { fetch } = counting()
  for (const key of ['a', 'b', 'c']) await reads.read(key, 100, signal, fetch)
  expect(await reads.read('c', 100, signal, fetch)).toBe('3')
  expect(await reads.read('b', 100, signal, fetch)).toBe('2')
  await reads.read('d', 100, signal, fetch)
  expect(await reads.read('a', 100, signal, fetch)).toBe('5')
  expect(reads.bytes).toBeLessThanOrEqual(2_000)
  const large = 'x'.repeat(1_000)
  await reads.read('large', 100, signal, () => Promise.resolve(large))
  expect(await reads.read('large', 100, signal, fetch)).toBe('6')
  reads.clear()
  expect(reads.bytes).toBe(0)
})
