import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineTable, formatPath, parsePath } from './place.ts'

describe('paths', () => {
  test('a path has words as they are and other keys in brackets', () => {
    expect(formatPath(['spec', 'rules', 0, 'annotations', 'a.b/c', '0'])).toBe(
      'spec.rules[0].annotations["a.b/c"]["0"]',
    )
  })

  test('a formatted path parses as the same path', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.nat(1_000_000))), (keys) => {
        expect(parsePath(formatPath(keys))).toEqual(keys)
      }),
    )
  })

  test('parsing any string as a path never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '[', ']', '"', '\\', '0') }), (text) => {
        parsePath(text)
      }),
    )
  })
})

describe('LineTable', () => {
  test('LineTable counts lines by LF, CR and CRLF', () => {
    const lines = new LineTable('a\nb\r\nc\rd')
    expect([0, 2, 5, 7].map((offset) => lines.positionAt(offset))).toEqual(
      [1, 2, 3, 4].map((line) => ({ line, column: 1 })),
    )
    expect(lines.positionAt(8)).toEqual({ line: 4, column: 2 })
  })
})
