import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { linkSignals, withLinkedSignal } from './link-signals.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const listenersOf = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length

test('is aborted with the first of its parents, and with the same reason', () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const { signal } = linkSignals([first.signal, second.signal])
  expect(signal.aborted).toBe(false)
  second.abort('enough')
  first.abort('later')
  expect(signal.reason).toBe('enough')
})

test('is aborted at once when a parent is aborted already, and holds nothing then', () => {
  const other = new AbortController()
  const { signal } = linkSignals([AbortSignal.abort('before'), other.signal], 1000)
  expect(signal.reason).toBe('before')
  expect([vi.getTimerCount(), listenersOf(other)]).toEqual([0, 0])
})

test('is aborted with a TimeoutError after its time, counted anew from each restart', () => {
  const { signal, restart } = linkSignals([], 100)
  vi.advanceTimersByTime(99)
  restart()
  vi.advanceTimersByTime(99)
  expect(signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
  restart()
  expect(vi.getTimerCount()).toBe(0)
})

test.each<[string, (linked: ReturnType<typeof linkSignals>, parent: AbortController) => void]>([
  ['its disposal', (linked) => linked.dispose()],
  ['the abort of a parent', (_, parent) => parent.abort()],
  ['its own abort', (linked) => linked.abort('enough')],
  ['its timeout', () => void vi.advanceTimersByTime(100)],
])('leaves neither a timer nor a listener behind after %s', (_, end) => {
  const [ended, other] = [new AbortController(), new AbortController()]
  const linked = linkSignals([ended.signal, other.signal], 100)
  expect([vi.getTimerCount(), listenersOf(ended), listenersOf(other)]).toEqual([1, 1, 1])
  end(linked, ended)
  expect([vi.getTimerCount(), listenersOf(ended), listenersOf(other)]).toEqual([0, 0, 0])
})

test('is not aborted after its disposal', () => {
  const parent = new AbortController()
  const linked = linkSignals([parent.signal], 100)
  linked.dispose()
  parent.abort()
  vi.advanceTimersByTime(100)
  expect(linked.signal.aborted).toBe(false)
})

test('runs work under a linked signal, and disposes it whether the work succeeds or fails', async () => {
  const parent = new AbortController()
  expect(await withLinkedSignal([parent.signal], 100, (signal) => Promise.resolve(signal.aborted))).toBe(false)
  await expect(withLinkedSignal([parent.signal], 100, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect([vi.getTimerCount(), listenersOf(parent)]).toEqual([0, 0])
})

test('holds nothing after 10,000 uses of one long-lived parent', async () => {
  const parent = new AbortController()
  for (let i = 0; i < 10_000; i++) await withLinkedSignal([parent.signal], 30_000, () => Promise.resolve())
  expect([vi.getTimerCount(), listenersOf(parent)]).toEqual([0, 0])
})
