import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concurrently } from './concurrently.ts'

test('returns the results in the order of the items, and never runs more than the limit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), async (items, limit) => {
      let running = 0
      let most = 0
      const results = await concurrently(items, limit, async (turns) => {
        most = Math.max(most, ++running)
        for (let i = 0; i < turns; i++) await Promise.resolve()
        running--
        return turns
      })
      expect(results).toEqual(items)
      expect(most).toBeLessThanOrEqual(limit)
    }),
  )
})

test('runs as many at a time as the limit allows', async () => {
  let begun = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const all = concurrently([1, 2, 3], 2, async () => {
    begun++
    await promise
  })
  await Promise.resolve()
  expect(begun).toBe(2)
  resolve()
  await all
  expect(begun).toBe(3)
})

test('rejects with the first error', async () => {
  await expect(
    concurrently([1, 2, 3], 2, async (item) => (item === 2 ? Promise.reject(new Error('two')) : item)),
  ).rejects.toThrow('two')
})
