import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { yieldIfDue } from './scheduler.ts'

let now = 0

beforeEach(async () => {
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  // Ends the slice of the test before.
  await new Promise((resolve) => setTimeout(resolve, 1))
})
afterEach(() => vi.restoreAllMocks())

/** Uses up some of the current slice. */
function work(ms: number): void {
  now += ms
}

test('returns without a turn of the event loop while the slice lasts', async () => {
  let turned = false
  setImmediate(() => (turned = true))
  for (let i = 0; i < 19; i++) {
    await yieldIfDue()
    work(0.1)
  }
  expect(turned).toBe(false)
})

test('lets timers and immediates run once the slice is used up', async () => {
  const ran: string[] = []
  setTimeout(() => ran.push('timer'), 1)
  setImmediate(() => ran.push('immediate'))
  while (!ran.includes('timer')) {
    work(3)
    await yieldIfDue()
  }
  expect(ran.toSorted()).toEqual(['immediate', 'timer'])
})

test('gives one waiting evaluation a slice in each turn, in the order they came', async () => {
  const order: string[] = []
  const evaluation = async (name: string): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      work(3)
      await yieldIfDue()
      order.push(name)
    }
  }
  let turns = 0
  let stopped = false
  const count = (): void => {
    turns++
    if (!stopped) setImmediate(count)
  }
  setImmediate(count)
  await Promise.all(['a', 'b', 'c', 'd'].map(evaluation))
  stopped = true
  // The first unit of the first evaluation may begin a slice; each of the other eleven waits for a turn of its own.
  expect(turns).toBeGreaterThanOrEqual(11)
  expect(order).toHaveLength(12)
  expect(new Set(order.slice(0, 4)).size).toBe(4)
})

test('lets a deadline fire in the middle of endless work', async () => {
  const deadline = AbortSignal.timeout(5)
  const endless = async (): Promise<never> => {
    for (;;) {
      work(1)
      await yieldIfDue(deadline)
    }
  }
  await expect(endless()).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('throws the reason of a signal that is aborted already', async () => {
  const reason = new Error('enough')
  await expect(yieldIfDue(AbortSignal.abort(reason))).rejects.toBe(reason)
})
