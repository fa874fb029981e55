import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concurrentlyInOrder } from './concurrently-in-order.ts'

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const each of results) all.push(each)
  return all
}

test('yields the results in the order of the items, and never runs more than the limit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3), { maxLength: 20 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (items, atOnce, ahead, isAsync) => {
        let running = 0
        let most = 0
        const source = isAsync
          ? (async function* () {
              yield* items
            })()
          : items
        const results = await collect(
          concurrentlyInOrder(source, { atOnce, ahead }, async (turns) => {
            most = Math.max(most, ++running)
            for (let i = 0; i < turns; i++) await Promise.resolve()
            running--
            return turns
          }),
        )
        expect(results).toEqual(items)
        expect(most).toBeLessThanOrEqual(atOnce)
      },
    ),
  )
})

test('works on others while the first one takes long, but reads no more than there is room for', async () => {
  const first = Promise.withResolvers<number>()
  const begun: number[] = []
  const results = concurrentlyInOrder(
    Array.from({ length: 100 }, (_, i) => i),
    { atOnce: 2, ahead: 5 },
    (item) => {
      begun.push(item)
      return item === 0 ? first.promise : Promise.resolve(item)
    },
  )
  const head = results.next()
  await new Promise((done) => setTimeout(done, 10))
  expect(begun).toEqual([0, 1, 2, 3, 4])
  first.resolve(0)
  expect(await head).toEqual({ done: false, value: 0 })
  await results.return()
})

test('yields what is done while the source has no further item yet', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const source = (async function* () {
    yield 1
    await promise
    yield 2
  })()
  const results = concurrentlyInOrder(source, { atOnce: 2, ahead: 5 }, (item) => Promise.resolve(item))
  expect(await results.next()).toEqual({ done: false, value: 1 })
  resolve()
  expect(await results.next()).toEqual({ done: false, value: 2 })
  expect(await results.next()).toEqual({ done: true, value: undefined })
})

test('an error of the work ends it after the results before, and closes the source', async () => {
  let closed = false
  const source = (async function* () {
    try {
      for (let i = 0; ; i++) yield i
    } finally {
      closed = true
    }
  })()
  const seen: number[] = []
  const failing = async (): Promise<void> => {
    for await (const each of concurrentlyInOrder(source, { atOnce: 3, ahead: 3 }, (item) =>
      item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item),
    ))
      seen.push(each)
  }
  await expect(failing()).rejects.toThrow('two')
  expect(seen).toEqual([0, 1])
  expect(closed).toBe(true)
})

test('an error of the source ends it', async () => {
  const source = (async function* () {
    yield 1
    throw new Error('broken')
  })()
  await expect(
    collect(concurrentlyInOrder(source, { atOnce: 1, ahead: 2 }, (item) => Promise.resolve(item))),
  ).rejects.toThrow('broken')
})
