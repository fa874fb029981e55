import { expect, test } from 'vitest'
import { createMemo } from './memo.ts'

const never = new AbortController().signal

test('work is done once, also when it fails', async () => {
  const memo = createMemo()
  let runs = 0
  const fail = (): Promise<never> => {
    runs++
    return Promise.reject(new Error('no'))
  }
  const results = await Promise.allSettled([memo.share('a', never, fail), memo.share('a', never, fail)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(memo.share('a', never, fail)).rejects.toThrow('no')
  expect(runs).toBe(1)
})

test('one caller who gives up does not spoil it for the others', async () => {
  const memo = createMemo()
  const impatient = new AbortController()
  const { promise, resolve } = Promise.withResolvers<string>()
  let stopped = false
  const work = (signal: AbortSignal): Promise<string> => {
    signal.addEventListener('abort', () => {
      stopped = true
    })
    return promise
  }
  const first = memo.share('a', impatient.signal, work)
  const second = memo.share('a', never, work)
  impatient.abort()
  await expect(first).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  expect(stopped).toBe(false)
  resolve('done')
  await expect(second).resolves.toBe('done')
})

test('when all have given up the work is stopped and forgotten', async () => {
  const memo = createMemo()
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
  const first = memo.share('a', caller.signal, work)
  caller.abort()
  await expect(first).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' })
  expect(stopped).toBe(1)
  await expect(memo.share('a', never, work)).resolves.toBe('again')
})

test('a caller who has given up before starts nothing', async () => {
  let runs = 0
  await expect(createMemo().share('a', AbortSignal.abort(), () => Promise.resolve(runs++))).rejects.toMatchObject({
    code: 'REGISTRY_ABORTED',
  })
  expect(runs).toBe(0)
})
