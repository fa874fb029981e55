import { expect, test } from 'vitest'
import { conditionsIn } from './attested-work.ts'

const one = { key: 'a', operator: 'Equals', value: 'a' }

test.each([
  [undefined, 0],
  [[one, one], 2],
  [{ any: [one], all: [one, one] }, 3],
  [[{ any: [one] }, { all: [one, one] }], 3],
  [{ all: [] }, 0],
])('counts the conditions of %j: %i', (conditions, expected) => {
  expect(conditionsIn({ kind: 'conditions', conditions, options: {} })).toBe(expected)
})

test('a message has no conditions', () => {
  expect(conditionsIn({ kind: 'text', template: '{{ a }}', operation: undefined })).toBe(0)
})
