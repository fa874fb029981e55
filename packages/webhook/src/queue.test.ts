import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createQueue } from './queue.ts'

const signal = new AbortController().signal

test('runs as many as allowed, lets as many wait, and turns the next one away', async () => {
  const queue = createQueue(1, 1)
  const leave = await queue.enter(signal)
  const second = queue.enter(signal)
  expect(await queue.enter(signal)).toBeUndefined()
  expect([queue.running, queue.waiting]).toEqual([1, 1])
  leave?.()
  const leaveSecond = await second
  expect([queue.running, queue.waiting]).toEqual([1, 0])
  leaveSecond?.()
  expect(queue.running).toBe(0)
})

test('a place that is given back twice is given back once', async () => {
  const queue = createQueue(1, 1)
  const leave = await queue.enter(signal)
  leave?.()
  leave?.()
  expect(queue.running).toBe(0)
})

test('who gives up waiting leaves no trace', async () => {
  const queue = createQueue(1, 1)
  const leave = await queue.enter(signal)
  const caller = new AbortController()
  const waiting = queue.enter(caller.signal)
  caller.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  expect(queue.waiting).toBe(0)
  leave?.()
  expect(queue.running).toBe(0)
  await expect(queue.enter(AbortSignal.abort(new Error('late')))).rejects.toThrow('late')
})

test('never runs more than allowed and ends empty, in every order of arrival and end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), async (delays, size) => {
      const queue = createQueue(size, 100)
      let most = 0
      await Promise.all(
        delays.map(async (turns) => {
          const leave = await queue.enter(signal)
          most = Math.max(most, queue.running)
          for (let i = 0; i < turns; i++) await Promise.resolve()
          leave?.()
        }),
      )
      expect(most).toBeLessThanOrEqual(size)
      expect([queue.running, queue.waiting]).toEqual([0, 0])
    }),
  )
})
