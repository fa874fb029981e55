import { expect, test } from 'vitest'
import { createHttpRevocationChecker } from './http-revocation.ts'

// What callers without types may write.
test.each<[unknown, string]>([
  [{ allowHost: ['ocsp.test'] }, '`allowHost` is not an option, expected one of allowHosts, timeoutMs, cache, resolve'],
  [{ allowHosts: 'ocsp.test' }, '`allowHosts` must be a list, each of its items a text, found a text'],
  [{ allowHosts: [null] }, '`allowHosts[0]` must be a text, found null'],
  [{ timeoutMs: '5' }, '`timeoutMs` must be a whole number of at least 1, found a text'],
  [{ cache: new Map().get }, '`cache` must be a cache, with `get` and `set`, found a function'],
  [{ resolve: {} }, '`resolve` must be a function, found an object'],
])('rejects %j', (options, message) => {
  expect(() => createHttpRevocationChecker(options as never)).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID', message }),
  )
})

test('needs no options', () => {
  expect(createHttpRevocationChecker().checkRevocation).toBeTypeOf('function')
})
