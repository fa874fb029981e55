import { expect, test } from 'vitest'
import { redactUrl } from './redact-url.ts'
import { parseAnswerErrors, statusError } from './status-answer.ts'

const errorsIn = (body: string): unknown => parseAnswerErrors(Buffer.from(body))

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
])('the errors of the body %s are %j', (body, expected) => {
  expect(errorsIn(body)).toEqual(expected)
})

test('returns no errors of a body that is not in the error format of registries', () => {
  for (const body of [
    's3cret',
    '{"password":"s3cret"}',
    '{"errors":{"message":"s3cret"}}',
    '["s3cret"]',
    '{"errors":["s3cret"]}',
  ])
    expect(errorsIn(body)).toEqual([])
})

test('returns the text of a registry in one line of limited length', () => {
  expect(errorsIn('{"errors":[{"code":"a\\u2028\\u202eb\\u0000c\\n\\nd\\n"}]}')).toEqual([
    { code: 'a b c d', message: '' },
  ])
  const [error] = parseAnswerErrors(
    Buffer.from(JSON.stringify({ errors: [{ code: 'A', message: 'x'.repeat(100_000) }] })),
  )
  expect(error?.message.length).toBeLessThanOrEqual(1001)
})

test('redacts passwords and unknown query parameters of a URL', () => {
  expect(redactUrl(new URL('https://u:p@r.test/t?service=s&X-Sig=secret&scope=x')).href).toBe(
    'https://r.test/t?X-Sig=REDACTED&scope=x&service=s',
  )
})

test.each([
  [[], '`r.test` answered GET https://r.test/v2/ with status 404'],
  [
    [
      { code: 'not a code', message: '' },
      { code: 'NAME_UNKNOWN', message: 's3cret' },
    ],
    '`r.test` answered GET https://r.test/v2/ with status 404 (NAME_UNKNOWN)',
  ],
])('the message for the errors %j names the request, the status and the code', (errors, message) => {
  const detail = { kind: 'registry-answer', method: 'GET', url: 'https://r.test/v2/', status: 404, errors } as const
  const header = (): undefined => undefined
  expect(statusError({ kind: 'status', status: 404, header, sameOrigin: true, detail }, '`r.test`')).toMatchObject({
    message,
    ...{ code: 'REGISTRY_NOT_FOUND', status: 404, detail },
  })
})
