import { expect, test } from 'vitest'
import { createHttpRevocationChecker } from './http-revocation.ts'

// What callers without types may write.
test.each<[unknown, string]>([
  [{ allowHost: ['ocsp.test'] }, '`allowHost`: unknown option, did you mean `allowHosts`?'],
  [{ allowHosts: 'ocsp.test' }, '`allowHosts`: expected an array, each item a string, got a string'],
  [{ allowHosts: [null] }, '`allowHosts[0]`: expected a string, got null'],
  [{ timeoutMs: '5' }, '`timeoutMs`: expected a positive integer, got a string'],
  [{ cache: new Map().get }, '`cache`: expected a cache with `get` and `set`, got a function'],
  [{ resolve: {} }, '`resolve`: expected a function, got an object'],
])('httpRevocation rejects the options %j', (options, message) => {
  expect(() => createHttpRevocationChecker(options as never)).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID', message }),
  )
})

test('httpRevocation needs no options', () => {
  expect(createHttpRevocationChecker().checkRevocation).toBeTypeOf('function')
})
