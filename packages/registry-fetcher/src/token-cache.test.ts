import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from './limits.ts'
import { parseRepository } from './repository.ts'
import { createTokenCache, tokenKey } from './token-cache.ts'

const known = (token: string): { kind: 'token'; token: string } => ({ kind: 'token', token })

test('drops a token shortly before it expires, or at the limit', () => {
  let now = 0
  const cache = createTokenCache({ ...DEFAULT_LIMITS, tokenMs: 100_000 }, () => now)
  cache.set('short', known('a'), 60_000)
  cache.set('long', known('b'), 1e12)
  cache.set('lapsed', known('c'), 4_000)
  now = 54_999
  expect([cache.get('short'), cache.get('long'), cache.get('lapsed')]).toEqual([known('a'), known('b'), undefined])
  now = 55_000
  expect(cache.get('short')).toBeUndefined()
  now = 95_000
  expect(cache.get('long')).toBeUndefined()
})

test('keeps tokens up to the limit, and drops the oldest', () => {
  const cache = createTokenCache({ ...DEFAULT_LIMITS, cachedTokens: 2 }, () => 0)
  for (const key of ['a', 'b', 'c']) cache.set(key, known(key), 60_000)
  expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([false, true, true])
})

test('distinguishes tokens by origin, repository and credential, and keeps no password in the key', () => {
  const app = parseRepository('r.test/app')
  const user = { kind: 'basic', username: 'u', password: 's3cret' } as const
  const keys = [
    tokenKey('https://r.test', app, user),
    tokenKey('http://r.test', app, user),
    tokenKey('https://r.test', parseRepository('r.test/other'), user),
    tokenKey('https://r.test', app, { ...user, password: 'x' }),
    tokenKey('https://r.test', app, { kind: 'anonymous' }),
    tokenKey('https://r.test', app, { kind: 'bearer', token: 't' }),
    tokenKey('https://r.test', app, { kind: 'identity-token', token: 't' }),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.join()).not.toContain('s3cret')
})
