import { expect, test } from 'vitest'
import { isRecent } from './moment.ts'

const then = { wall: 1_000_000, monotonic: 5_000 }
const after = (wall: number, monotonic: number): typeof then => ({
  wall: then.wall + wall,
  monotonic: then.monotonic + monotonic,
})

test('a moment is recent until its age has passed on both clocks', () => {
  expect(isRecent(then, after(100, 100), 100)).toBe(true)
  expect(isRecent(then, after(101, 100), 100)).toBe(false)
  expect(isRecent(then, after(100, 101), 100)).toBe(false)
})

test('the time that a machine slept counts, although the monotonic clock stands still', () => {
  expect(isRecent(then, after(60_000, 1), 10_000)).toBe(false)
})

test('a wall clock that was set back makes everything old, also what never gets old', () => {
  expect(isRecent(then, after(0, 1), Infinity)).toBe(true)
  expect(isRecent(then, after(-1, 1), Infinity)).toBe(false)
})
