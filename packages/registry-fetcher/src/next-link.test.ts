import { expect, test } from 'vitest'
import { nextLink } from './list-referrers.ts'

test.each([
  [undefined, undefined],
  ['</v2/app/referrers/x?n=1>; rel="next"', '/v2/app/referrers/x?n=1'],
  ['<a>; rel=next', 'a'],
  ['<a>; rel="prev", <b>; title="x"; rel="next"', 'b'],
  ['<a>; rel="nextest"', undefined],
  ['<a>; norel="next"', undefined],
  ['a; rel="next"', undefined],
  ['<a', undefined],
  [`<${'a'.repeat(10_000)}>; rel="next"`, undefined],
])('the next link of %j is %j', (header, expected) => {
  expect(nextLink(header)).toBe(expected)
})
