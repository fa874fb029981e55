import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { createExpressionCache } from './expression-cache.ts'
import { search } from './search.ts'

test('compiles an expression once, and evicts the least recently used one', () => {
  const cache = createExpressionCache(2)
  const [a, b] = [cache.get('a'), cache.get('b')]
  expect(cache.get('a')).toBe(a)
  cache.get('c')
  expect(cache.get('a')).toBe(a)
  expect(cache.get('b')).not.toBe(b)
})

test('does not cache long expressions', () => {
  const cache = createExpressionCache()
  const text = `'${'x'.repeat(LIMITS.cachedExpressionLength)}'`
  expect(cache.get(text)).not.toBe(cache.get(text))
})

test('does not cache errors', () => {
  const cache = createExpressionCache(1)
  const kept = cache.get('a')
  expect(() => cache.get('a.')).toThrow(expect.objectContaining({ code: 'CONDITION_EXPRESSION_INVALID' }))
  expect(cache.get('a')).toBe(kept)
})

test('search compiles with the cache of its options', () => {
  const texts: string[] = []
  const cache = createExpressionCache()
  const expressions = { get: (text: string) => (texts.push(text), cache.get(text)) }
  expect(search('a', { a: 1 }, { expressions })).toBe(1)
  expect(texts).toEqual(['a'])
})
