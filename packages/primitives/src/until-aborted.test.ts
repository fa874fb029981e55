import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { untilAborted } from './until-aborted.ts'

const never = (): Promise<never> => new Promise(() => undefined)

test('rejects with the reason of a signal that is aborted already, and does no work', async () => {
  let worked = false
  const work = (): void => {
    worked = true
  }
  await expect(untilAborted(AbortSignal.abort(new Error('given up')), work)).rejects.toThrow('given up')
  expect(worked).toBe(false)
})

test('rejects with the reason of a signal that is aborted while the work goes on', async () => {
  const controller = new AbortController()
  const waiting = untilAborted(controller.signal, never)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})

test('returns the result, and rejects with what the work throws or rejects with', async () => {
  const { signal } = new AbortController()
  expect(await untilAborted(signal, () => 1)).toBe(1)
  expect(await untilAborted(signal, () => Promise.resolve(2))).toBe(2)
  await expect(untilAborted(signal, () => Promise.reject(new Error('later')))).rejects.toThrow('later')
  await expect(
    untilAborted(signal, () => {
      throw new Error('at once')
    }),
  ).rejects.toThrow('at once')
})

test('drops an error that comes after the abort, and leaves no listener behind', async () => {
  const controller = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const waiting = untilAborted(controller.signal, () => promise)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  reject(new Error('too late'))
  await untilAborted(new AbortController().signal, () => undefined)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})
