import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createSharedWork } from './shared-work.ts'
import type { SharedWork } from './shared-work.ts'

const never = new AbortController().signal

function create<T>(deadlineMs: number = 60_000, signal?: AbortSignal): SharedWork<T> {
  return createSharedWork({ signal, deadline: performance.now() + deadlineMs })
}

test('runs work once, also when it fails', async () => {
  const shared = create<never>()
  let runs = 0
  const fail = (): Promise<never> => {
    runs++
    return Promise.reject(new Error('no'))
  }
  const results = await Promise.allSettled([shared.run('a', never, fail), shared.run('a', never, fail)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(shared.run('a', never, fail)).rejects.toThrow('no')
  expect(runs).toBe(1)
})

test('a caller who aborts does not abort the work for the others', async () => {
  const shared = create<string>()
  const aborting = new AbortController()
  const { promise, resolve } = Promise.withResolvers<string>()
  let stopped = false
  const work = (signal: AbortSignal): Promise<string> => {
    signal.addEventListener('abort', () => {
      stopped = true
    })
    return promise
  }
  const first = shared.run('a', aborting.signal, work)
  const second = shared.run('a', never, work)
  aborting.abort()
  await expect(first).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  expect(stopped).toBe(false)
  resolve('done')
  await expect(second).resolves.toBe('done')
})

test('aborts and forgets work when all callers have aborted', async () => {
  const shared = create<string>()
  const caller = new AbortController()
  let runs = 0
  let stopped = 0
  const work = (signal: AbortSignal): Promise<string> => {
    runs++
    return new Promise((done) => {
      if (runs === 2) done('again')
      signal.addEventListener('abort', () => stopped++)
    })
  }
  const first = shared.run('a', caller.signal, work)
  caller.abort()
  await expect(first).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  expect(stopped).toBe(1)
  await expect(shared.run('a', never, work)).resolves.toBe('again')
})

test('starts no work for a caller who has already aborted', async () => {
  let runs = 0
  await expect(create<number>().run('a', AbortSignal.abort(), () => Promise.resolve(runs++))).rejects.toMatchObject({
    code: 'REGISTRY_ABORTED',
  })
  expect(runs).toBe(0)
})

test('ends a call at the deadline of the session, and refuses later calls, also for finished work', async () => {
  const shared = create<string>(30)
  expect(await shared.run('done', undefined, () => Promise.resolve('done'))).toBe('done')
  const timeout = { code: 'REGISTRY_TIMEOUT', detail: { kind: 'registry-aborted', by: 'deadline' } }
  await expect(shared.run('hung', never, () => new Promise(() => undefined))).rejects.toMatchObject(timeout)
  await expect(shared.run('done', never, () => Promise.resolve('again'))).rejects.toMatchObject(timeout)
})

test('ends a call when the signal of the session is aborted, and passes the reason to the work', async () => {
  const session = new AbortController()
  const shared = create<string>(60_000, session.signal)
  let reason: unknown
  const call = shared.run('a', never, (signal) => {
    signal.addEventListener('abort', () => (reason = signal.reason))
    return new Promise(() => undefined)
  })
  session.abort('closed')
  await expect(call).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  expect(reason).toBe('closed')
})

test('leaves no listener at the signals of its callers', async () => {
  const [caller, session] = [new AbortController(), new AbortController()]
  const shared = create<string>(60_000, session.signal)
  for (let i = 0; i < 100; i++) await shared.run(String(i), caller.signal, () => Promise.resolve('done'))
  await shared.run('fails', caller.signal, () => Promise.reject(new Error('no'))).catch(() => undefined)
  for (const { signal } of [caller, session]) expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('keeps results up to their size together, and the latest with any size', async () => {
  const shared = createSharedWork<string>(
    { signal: undefined, deadline: performance.now() + 60_000 },
    { maxBytes: 10, bytesOf: ({ length }) => length },
  )
  const ran: string[] = []
  const run = async (key: string, length: number): Promise<void> => {
    await shared.run(key, never, () => {
      ran.push(key)
      return Promise.resolve('x'.repeat(length))
    })
  }
  await run('a', 4)
  await run('b', 6)
  await run('a', 4)
  expect(ran).toEqual(['a', 'b'])
  await run('c', 1)
  await run('b', 6)
  await run('a', 4)
  expect(ran).toEqual(['a', 'b', 'c', 'a'])
  await run('large', 11)
  await run('large', 11)
  expect(ran).toEqual(['a', 'b', 'c', 'a', 'large'])
})
