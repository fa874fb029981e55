import { expect, test } from 'vitest'
import { readReview } from './read-review.ts'

type Body = NonNullable<RequestInit['body']>

const LIMITS = { bodyBytes: 1_000, tokens: 10, depth: 3 }

const read = (body: Body | undefined, limits = LIMITS): Promise<object> =>
  readReview(new Request('https://webhook/mutate', { method: 'POST', duplex: 'half', ...(body && { body }) }), limits)

test.each<[string, string, object]>([
  ['the most bytes', `{"a":"${'x'.repeat(992)}"}`, { a: 'x'.repeat(992) }],
  ['the most tokens', `{"a":[1,2,3,4,5,6,7]}`, { a: [1, 2, 3, 4, 5, 6, 7] }],
  ['the deepest nesting', '{"a":[{}]}', { a: [{}] }],
  ['brackets and commas in a string', `{"a":"[[[[,,,,,,,,,,,,"}`, { a: '[[[[,,,,,,,,,,,,' }],
])('takes a review with %s', async (_, body, expected) => {
  expect(await read(body)).toEqual(expected)
})

test.each<[string, Body | undefined, 400 | 413, string]>([
  ['one byte too many', `{"a":"${'x'.repeat(993)}"}`, 413, 'more than 1000 bytes'],
  ['one token too many', `{"a":[1,2,3,4,5,6,7,8]}`, 413, 'the review is too large'],
  ['one level too many', '{"a":[{"b":{}}]}', 413, 'the review is too large'],
  ['no body', undefined, 400, 'not JSON'],
  ['an empty body', '', 400, 'not JSON'],
  ['an array', '[]', 400, 'not a JSON object'],
  ['null', 'null', 400, 'not a JSON object'],
  ['a number', '1', 400, 'not a JSON object'],
  ['a form', new URLSearchParams({ a: '1' }), 400, 'not JSON'],
  ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), 400, 'not JSON'],
  ['two documents', '{}{}', 400, 'not JSON'],
])('refuses a request with %s', async (_, body, status, message) => {
  await expect(read(body)).rejects.toMatchObject({ status, message: expect.stringContaining(message) })
})

test('stops reading at the first chunk beyond the size', async () => {
  let pulled = 0
  const endless = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled++
        controller.enqueue(Buffer.alloc(400, 0x20))
      },
    },
    { highWaterMark: 0 },
  )
  await expect(read(endless)).rejects.toMatchObject({ status: 413 })
  expect(pulled).toBe(3)
})
