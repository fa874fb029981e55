import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextLink } from './next-link.ts'

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

const target = fc.webPath().map((path) => `/v2/app/referrers/x${path}?n=1`)
const others = fc.array(fc.tuple(target, fc.constantFrom('prev', 'first', 'last', 'nextest', 'anext')), {
  maxLength: 5,
})

test('finds the one next link among links with other relations, wherever it stands', () => {
  fc.assert(
    fc.property(
      others,
      target,
      fc.nat(5),
      fc.constantFrom('rel="next"', 'rel=next', 'REL="NEXT"'),
      (links, next, at, rel) => {
        const written = links.map(([url, relation]) => `<${url}>; rel="${relation}"`)
        expect(nextLink(written.join(', '))).toBe(undefined)
        written.splice(at, 0, `<${next}>; ${rel}`)
        expect(nextLink(written.join(', '))).toBe(next)
      },
    ),
  )
})

test('returns a target that stands in the header, or undefined, for any header', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', ';', ',', '"', '=', ' ', 'rel', 'next', '/a') }),
      (header) => {
        const found = nextLink(header)
        if (found !== undefined) expect(header).toContain(`<${found}>`)
      },
    ),
  )
})
