import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { celFault } from './cel-syntax.ts'

describe('celFault', () => {
  it.each([
    'true',
    'request.operation != "DELETE"',
    '!(a && b) || -c > 1.5e3',
    'object.metadata.labels["a"] == \'b\'',
    'x in [1, 2u, 0x1F,]',
    'a ? b : c ? d : e',
    'has(a.b) && a.list.all(x, x.startsWith("y"))',
    '{"a": 1, "b": [{}]}',
    'pkg.Type{field: 1}',
    '.global',
    'a.?b.orValue(1)',
    'r"\\d" + b\'x\' + """a"b"""',
    'true // why',
    'a.namespace',
  ])('takes %s', (text) => expect(celFault(text)).toBeUndefined())

  it.each([
    '',
    'a.',
    '(a',
    'a b',
    'a ==',
    '"open',
    'a ? b',
    'f(a,)',
    '[1',
    '{a}',
    'in',
    'for',
    'a.1',
    '#',
    '&',
    'a = b',
    '['.repeat(5_000),
  ])('does not take %s', (text) => expect(celFault(text)).toBeTypeOf('string'))

  it('answers for any text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            'a',
            '.',
            '(',
            ')',
            '[',
            ']',
            '{',
            '}',
            '"',
            "'",
            ' ',
            '?',
            ':',
            '!',
            '-',
            '1',
            'in',
            ',',
            '\\',
            '\n',
          ),
        }),
        (text) => {
          celFault(text)
        },
      ),
    )
  })
})
