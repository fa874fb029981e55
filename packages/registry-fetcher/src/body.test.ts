import { expect, test } from 'vitest'
import { readBody, readErrorBody } from './body.ts'
import type { BodyBounds } from './body.ts'
import type { TransportAnswer } from './transport.ts'

interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly pieces: Iterable<string>
}

function answer({ headers = {}, pieces }: Sent): {
  readonly answer: TransportAnswer
  readonly taken: () => number
  readonly discarded: () => boolean
} {
  let taken = 0
  let discarded = false
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) {
      taken++
      yield Buffer.from(piece)
    }
  }
  const sent: TransportAnswer = {
    status: 200,
    header: (name) => headers[name],
    body: body(),
    discard: () => {
      discarded = true
    },
  }
  return { answer: sent, taken: () => taken, discarded: () => discarded }
}

function* repeat(piece: string, times: number): Generator<string> {
  for (let i = 0; i < times; i++) yield piece
}

const bounds = (maxBytes: number, more: Partial<BodyBounds> = {}): BodyBounds => ({
  maxBytes,
  what: 'the body',
  onBytes: () => undefined,
  ...more,
})

test('joins what came, and counts it', async () => {
  let counted = 0
  const { answer: sent, discarded } = answer({ pieces: ['ab', '', 'c'] })
  const bytes = await readBody(sent, bounds(3, { onBytes: (count) => (counted += count) }))
  expect(Buffer.from(bytes).toString()).toBe('abc')
  expect(counted).toBe(3)
  expect(discarded()).toBe(false)
})

test('a large body of ordinary pieces arrives', async () => {
  const { answer: sent } = answer({ pieces: repeat('x'.repeat(1400), 2000) })
  expect((await readBody(sent, bounds(4_000_000))).length).toBe(2_800_000)
})

test('a body that is announced too large is not read', async () => {
  const { answer: sent, taken, discarded } = answer({ headers: { 'content-length': '4' }, pieces: ['abcd'] })
  await expect(readBody(sent, bounds(3))).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_TOO_LARGE' })
  expect([taken(), discarded()]).toEqual([0, true])
})

test('a body that is too large is left at the first piece too many', async () => {
  const { answer: sent, taken, discarded } = answer({ headers: { 'content-length': '1' }, pieces: repeat('ab', 1000) })
  await expect(readBody(sent, bounds(3))).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_TOO_LARGE' })
  expect([taken(), discarded()]).toEqual([2, true])
})

test('a body of single bytes is left before it costs', async () => {
  const { answer: sent, taken } = answer({ pieces: repeat('x', 1_000_000) })
  await expect(readBody(sent, bounds(8_000_000))).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_INVALID' })
  expect(taken()).toBeLessThan(11_000)
})

test.each([
  ['longer', 'abcd'],
  ['shorter', 'ab'],
])('a body %s than it must be is a wrong size', async (_, text) => {
  await expect(readBody(answer({ pieces: [text] }).answer, bounds(3, { exact: true }))).rejects.toMatchObject({
    code: 'REGISTRY_SIZE_MISMATCH',
  })
})

test('an encoded body is not read, and `identity` is no encoding', async () => {
  const { answer: sent, taken } = answer({ headers: { 'content-encoding': 'gzip' }, pieces: ['x'] })
  await expect(readBody(sent, bounds(3))).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_INVALID' })
  expect(taken()).toBe(0)
  await expect(
    readBody(answer({ headers: { 'content-encoding': ' Identity ' }, pieces: ['x'] }).answer, bounds(3)),
  ).resolves.toHaveLength(1)
})

test('of an error only the beginning is read', async () => {
  const { answer: sent, taken, discarded } = answer({ pieces: repeat('abc', 1000) })
  expect(Buffer.from(await readErrorBody(sent, 4, () => undefined)).toString()).toBe('abca')
  expect([taken(), discarded()]).toEqual([2, true])
})

test('an error whose body breaks off says what had come', async () => {
  function* broken(): Generator<string> {
    yield 'ab'
    throw new Error('reset')
  }
  expect(Buffer.from(await readErrorBody(answer({ pieces: broken() }).answer, 10, () => undefined)).toString()).toBe(
    'ab',
  )
})
