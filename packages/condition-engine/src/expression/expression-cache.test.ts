import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { createExpressionCache } from './expression-cache.ts'
import { search } from './search.ts'

test('compiles once, and forgets what was used longest ago', () => {
  const cache = createExpressionCache(2)
  const [a, b] = [cache.get('a'), cache.get('b')]
  expect(cache.get('a')).toBe(a)
  cache.get('c')
  expect(cache.get('a')).toBe(a)
  expect(cache.get('b')).not.toBe(b)
})

test('does not keep long expressions', () => {
  const cache = createExpressionCache()
  const text = `'${'x'.repeat(LIMITS.cachedExpressionLength)}'`
  expect(cache.get(text)).not.toBe(cache.get(text))
})

test('does not keep faults', () => {
  const cache = createExpressionCache(1)
  const kept = cache.get('a')
  expect(() => cache.get('a.')).toThrow(expect.objectContaining({ code: 'CONDITION_EXPRESSION_INVALID' }))
  expect(cache.get('a')).toBe(kept)
})

test('is what search compiles with when it is given one', () => {
  const texts: string[] = []
  const cache = createExpressionCache()
  const expressions = { get: (text: string) => (texts.push(text), cache.get(text)) }
  expect(search('a', { a: 1 }, { expressions })).toBe(1)
  expect(texts).toEqual(['a'])
})
