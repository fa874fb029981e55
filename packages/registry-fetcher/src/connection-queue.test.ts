import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createConnectionQueue } from './connection-queue.ts'
import type { ConnectionQueue } from './connection-queue.ts'

const never = new AbortController().signal
const tick = (): Promise<void> => new Promise((done) => setImmediate(done))

interface Attempt {
  release: (() => void) | undefined
}

function acquire(queue: ConnectionQueue, owner: string, host = 'r.test', signal = never): Attempt {
  const attempt: Attempt = { release: undefined }
  queue.acquire(host, owner, signal).then(
    (release) => (attempt.release = release),
    () => undefined,
  )
  return attempt
}
const acquireMany = (queue: ConnectionQueue, owner: string, count: number): readonly Attempt[] =>
  Array.from({ length: count }, () => acquire(queue, owner))
const started = (attempts: readonly Attempt[]): number => attempts.filter(({ release }) => release !== undefined).length

test.each([1, 20, 1000])('starts a request to another repository beside %i hung ones', async (count) => {
  const queue = createConnectionQueue(16)
  const hung = acquireMany(queue, 'r.test/hung', count)
  const healthy = acquire(queue, 'r.test/healthy')
  await tick()
  expect(started([healthy])).toBe(1)
  expect(started(hung)).toBe(Math.min(count, 8))
})

test('control: without the share, the hung requests hold all connections', async () => {
  const queue = createConnectionQueue(16)
  const hung = acquireMany(queue, 'r.test/same', 20)
  const healthy = acquire(queue, 'r.test/same')
  await tick()
  expect([started(hung), started([healthy])]).toEqual([8, 0])
})

test('leaves a connection for each of several repositories beside hung ones', async () => {
  const queue = createConnectionQueue(16)
  for (const name of ['a', 'b', 'c', 'd']) acquireMany(queue, name, 50)
  const healthy = acquire(queue, 'healthy')
  await tick()
  expect(started([healthy])).toBe(1)
})

test('hosts do not share connections', async () => {
  const queue = createConnectionQueue(1)
  const [first, second] = [acquire(queue, 'a', 'one.test'), acquire(queue, 'a', 'two.test')]
  await tick()
  expect(started([first, second])).toBe(2)
})

test('the repository with the fewest connections is next, then the one that came first', async () => {
  const queue = createConnectionQueue(2)
  const [a1, b1] = [acquire(queue, 'a'), acquire(queue, 'b')]
  const [a2, c1, d1] = [acquire(queue, 'a'), acquire(queue, 'c'), acquire(queue, 'd')]
  await tick()
  b1.release?.()
  await tick()
  expect([started([a2]), started([c1]), started([d1])]).toEqual([0, 1, 0])
  a1.release?.()
  await tick()
  expect([started([a2]), started([d1])]).toEqual([1, 0])
})

test('a release that is called twice gives back one connection', async () => {
  const queue = createConnectionQueue(2)
  const [first] = [acquire(queue, 'a'), acquire(queue, 'b')]
  const waiting = [acquire(queue, 'c'), acquire(queue, 'd')]
  await tick()
  first?.release?.()
  first?.release?.()
  await tick()
  expect(started(waiting)).toBe(1)
})

test('an aborted request leaves the queue, and no listener behind', async () => {
  const queue = createConnectionQueue(1)
  const held = acquire(queue, 'a')
  const caller = new AbortController()
  const waiting = queue.acquire('r.test', 'b', caller.signal)
  const later = acquire(queue, 'c')
  caller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  await expect(queue.acquire('r.test', 'b', caller.signal)).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  held.release?.()
  await tick()
  expect(started([later])).toBe(1)
  expect(getEventListeners(caller.signal, 'abort')).toEqual([])
})

test('never exceeds the limit, and starts every request in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 }),
      async (limit, owners) => {
        const queue = createConnectionQueue(limit)
        const attempts = owners.map((owner) => acquire(queue, owner))
        const done = new Set<Attempt>()
        while (done.size < attempts.length) {
          await Promise.resolve()
          await Promise.resolve()
          const open = attempts.filter((attempt) => attempt.release !== undefined && !done.has(attempt))
          expect(open.length).toBeLessThanOrEqual(limit)
          expect(open.length).toBeGreaterThan(0)
          const [first] = open
          if (first !== undefined) done.add(first)
          first?.release?.()
        }
      },
    ),
    { numRuns: 100 },
  )
})
