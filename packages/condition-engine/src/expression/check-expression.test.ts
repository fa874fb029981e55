import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkExpression } from './check-expression.ts'
import { compileExpression } from './search.ts'

function failureOf(work: () => unknown): string {
  try {
    work()
    return 'valid'
  } catch (error) {
    return `${error instanceof Error && 'code' in error ? String(error.code) : ''}: ${String(error)}`
  }
}

test.each([
  'a.b[0] || `x`',
  'a[?b == `1`].{c: d, e: [f, !g]}',
  'unknown_function(&a)',
  'a.',
  '',
  '[0:1:0]',
  `${'!'.repeat(5000)}a`,
  `${'['.repeat(300)}a${']'.repeat(300)}`,
  `a${'.b'.repeat(2000)}`,
  'x'.repeat(1_000_000),
])('checking accepts %.60s exactly if compiling does', (text) => {
  expect(failureOf(() => checkExpression(text))).toBe(failureOf(() => compileExpression(text)))
})

test('checking accepts any string of the grammar exactly if compiling does', () => {
  const token = fc.constantFrom(
    'a',
    'b',
    '.',
    '[',
    ']',
    '[]',
    '[*]',
    '[?',
    '==',
    '||',
    '&&',
    '!',
    '|',
    '(',
    ')',
    '{',
    '}',
  )
  const more = fc.constantFrom(':', ',', '&', '@', '*', '`1`', "'x'", '0', '-1', 'length', ' ')
  fc.assert(
    fc.property(fc.array(fc.oneof(token, more), { maxLength: 14 }), (tokens) => {
      const text = tokens.join('')
      expect(failureOf(() => checkExpression(text))).toBe(failureOf(() => compileExpression(text)))
    }),
  )
})

test('checking refuses what is not a string', () => {
  expect(() => checkExpression(5 as unknown as string)).toThrow('expected a string, got a number')
})
