import { expect, test } from 'vitest'
import { messageOf } from './message-of.ts'

test.each<[string, unknown, string]>([
  ['an error', new TypeError('no such key'), 'no such key'],
  ['an error of another realm, which has a message', Object.create({ message: 'from a worker' }), 'from a worker'],
  ['a string', 'gave up', 'gave up'],
  ['undefined', undefined, 'unknown error'],
  ['an object that cannot be made a string', Object.create(null), 'unknown error'],
  ['a symbol', Symbol('x'), 'unknown error'],
  ['a message that is not a string', { message: 7 }, 'unknown error'],
])('returns a string as the message of %s', (_, thrown, message) => {
  expect(messageOf(thrown)).toBe(message)
})

test('returns the fallback of the caller for a value without a message', () => {
  expect(messageOf(undefined, 'the key resolver failed')).toBe('the key resolver failed')
  expect(messageOf(new Error('gone'), 'the key resolver failed')).toBe('gone')
})
