import { isJsonObject } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { LIMITS } from './limits.ts'
import { readPayload, type ReadPayload } from './predicate-tasks.ts'

function read(text: string, maxTokens = 1_000): ReadPayload {
  const bytes = Buffer.from(text)
  const payload = new Uint8Array(new SharedArrayBuffer(bytes.byteLength))
  payload.set(bytes)
  return readPayload({ kind: 'read', payload, part: 'predicate', what: 'the statement', maxTokens })
}

test('returns the payload without its predicate', () => {
  expect(read('{"_type":"x","predicate":{"a":[1,2]}}')).toMatchObject({
    kind: 'read',
    tokens: 9,
    document: { _type: 'x', predicate: {} },
    isObject: true,
  })
})

test.each([
  ['[1]', []],
  ['"secret"', ''],
  ['7', 7],
  ['null', null],
])('keeps only the type of the predicate %s', (predicate, expected) => {
  const payload = read(`{"predicate":${predicate}}`)
  expect(payload).toMatchObject({ kind: 'read', document: { predicate: expected }, isObject: false })
})

test('leaves an absent predicate absent', () => {
  const payload = read('{"_type":"x"}')
  expect(payload.kind === 'read' && isJsonObject(payload.document) && Object.keys(payload.document)).toEqual(['_type'])
})

test('counts a payload of too many tokens without parsing it', () => {
  expect(read('{"predicate":[1,2,3]}', 5)).toEqual({ kind: 'counted', tokens: 6 })
  expect(read('{"predicate":[1,2,3]}', 6)).toMatchObject({ kind: 'read', tokens: 6 })
})

test.each([
  ['a repeated key', '{"predicate":{"a":1,"a":2}}'],
  ['a truncated document', '{"predicate":{'],
  ['characters behind the document', '{"predicate":{}}x'],
])('refuses a payload with %s, as strict JSON does', (_, text) => {
  expect(read(text)).toMatchObject({
    kind: 'refused',
    code: 'ATTESTOR_PAYLOAD_INVALID',
    message: expect.stringContaining('cannot parse the statement') as unknown,
  })
})

test('gives different payloads different fingerprints', () => {
  const fingerprints = ['{"predicate":{"a":1}}', '{"predicate":{"a":2}}'].map((text) => {
    const payload = read(text)
    return payload.kind === 'read' ? payload.fingerprint : ''
  })
  expect(new Set(fingerprints).size).toBe(2)
})

test('refuses a statement that is large without its predicate', () => {
  const statement = (length: number): string => JSON.stringify({ subject: 'x'.repeat(length), predicate: {} })
  const rest = statement(0).length
  expect(read(statement(LIMITS.statementCharacters - rest))).toMatchObject({ kind: 'read' })
  expect(read(statement(LIMITS.statementCharacters - rest + 1))).toEqual({
    kind: 'refused',
    tokens: 5,
    code: 'ATTESTOR_LIMIT_EXCEEDED',
    message: 'the statement: expected at most 1048576 characters beside its predicate, got 1048577',
  })
})
