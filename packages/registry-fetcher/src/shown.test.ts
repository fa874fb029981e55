import { expect, test } from 'vitest'
import { readAnswerErrors, redactUrl, shown } from './shown.ts'

const errorsIn = (body: string): unknown => readAnswerErrors(Buffer.from(body))

test.each([
  [
    '{"errors":[{"code":"A","message":"a","detail":{"x":1}},{"code":5}]}',
    [
      { code: 'A', message: 'a', detail: { x: 1 } },
      { code: '', message: '' },
    ],
  ],
  ['', []],
  ['<html>bad gateway</html>', []],
  ['{"errors":"none"}', []],
])('the errors in %s are %j', (body, expected) => {
  expect(errorsIn(body)).toEqual(expected)
})

test('what is no error of a registry is not repeated', () => {
  for (const body of [
    's3cret',
    '{"password":"s3cret"}',
    '{"errors":{"message":"s3cret"}}',
    '["s3cret"]',
    '{"errors":["s3cret"]}',
  ])
    expect(errorsIn(body)).toEqual([])
})

test('what a registry writes stays on one line and is bounded', () => {
  expect(shown('a\u2028\u202eb\u0000c\n\nd')).toBe('a b c d')
  const [error] = readAnswerErrors(
    Buffer.from(JSON.stringify({ errors: [{ code: 'A', message: 'x'.repeat(100_000) }] })),
  )
  expect(error?.message.length).toBeLessThanOrEqual(1001)
})

test('URLs are shown without passwords and signatures', () => {
  expect(redactUrl(new URL('https://u:p@r.test/t?service=s&X-Sig=secret&scope=x')).href).toBe(
    'https://r.test/t?X-Sig=REDACTED&scope=x&service=s',
  )
})
