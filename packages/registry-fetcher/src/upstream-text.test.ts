import { expect, test } from 'vitest'
import { describeAnswer, redactUrl, shown } from './upstream-text.ts'

const describe = (status: number, body: string): string =>
  describeAnswer('GET', 'https://r.test/v2/app/manifests/1', status, Buffer.from(body))

test.each([
  [404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"Unknown manifest"}]}', 'MANIFEST_UNKNOWN: Unknown manifest'],
  [
    401,
    '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository","Class":"","Name":"app","Action":"pull"}]}]}',
    'UNAUTHORIZED: authentication required; [map[Action:pull Class: Name:app Type:repository]]',
  ],
  [500, '{"errors":[{"code":"A","message":"a"},{"code":"B","message":"b"}]}', 'multiple errors returned: A: a; B: b'],
  [503, '', 'unexpected status code 503 Service Unavailable'],
  [502, '<html>\nbad\r\ngateway</html>', 'unexpected status code 502 Bad Gateway'],
  [403, '{"errors":"none"}', 'unexpected status code 403 Forbidden'],
])('%i %s', (status, body, expected) => {
  expect(describe(status, body)).toBe(`GET https://r.test/v2/app/manifests/1: ${expected}`)
})

test('what is no error of a registry is not repeated', () => {
  for (const body of [
    's3cret',
    '{"password":"s3cret"}',
    '{"errors":{"message":"s3cret"}}',
    '["s3cret"]',
    '{"errors":["s3cret"]}',
  ])
    expect(describe(500, body)).not.toContain('s3cret')
})

test('what a registry writes stays on one line and is bounded', () => {
  expect(shown('a\u2028\u202eb\u0000c\n\nd')).toBe('a b c d')
  expect(
    describe(500, JSON.stringify({ errors: [{ code: 'A', message: 'x'.repeat(100_000) }] })).length,
  ).toBeLessThanOrEqual(1001)
})

test('a deep error detail does not recurse without end', () => {
  const detail = '['.repeat(5000) + ']'.repeat(5000)
  expect(describe(400, `{"errors":[{"code":"A","message":"a","detail":${detail}}]}`)).toContain('A: a; [[[')
})

test('URLs are shown without passwords and signatures', () => {
  expect(redactUrl(new URL('https://u:p@r.test/t?service=s&X-Sig=secret&scope=x')).href).toBe(
    'https://r.test/t?X-Sig=REDACTED&scope=x&service=s',
  )
})
