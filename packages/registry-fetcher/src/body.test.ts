import { expect, test } from 'vitest'
import { readBody, readErrorBody } from './body.ts'
import type { BodyLimits } from './body.ts'
import type { TransportAnswer } from './transport.ts'

interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly chunks: Iterable<string>
}

function answer({ headers = {}, chunks }: Sent): {
  readonly answer: TransportAnswer
  readonly read: () => number
  readonly discarded: () => boolean
} {
  let read = 0
  let discarded = false
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) {
      read++
      yield Buffer.from(chunk)
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
  return { answer: sent, read: () => read, discarded: () => discarded }
}

function* repeat(chunk: string, times: number): Generator<string> {
  for (let i = 0; i < times; i++) yield chunk
}

const limits = (maxBytes: number, more: Partial<BodyLimits> = {}): BodyLimits => ({
  maxBytes,
  what: 'the body',
  onPart: () => undefined,
  ...more,
})

test('joins the chunks, and counts their bytes', async () => {
  let counted = 0
  const { answer: sent, discarded } = answer({ chunks: ['ab', '', 'c'] })
  const bytes = await readBody(sent, limits(3, { onPart: (part) => (counted += part.length) }))
  expect(Buffer.from(bytes).toString()).toBe('abc')
  expect(counted).toBe(3)
  expect(discarded()).toBe(false)
})

test('reads a large body of ordinary chunks', async () => {
  const { answer: sent } = answer({ chunks: repeat('x'.repeat(1400), 2000) })
  expect((await readBody(sent, limits(4_000_000))).length).toBe(2_800_000)
})

test('does not read a body whose Content-Length exceeds the limit', async () => {
  const { answer: sent, read, discarded } = answer({ headers: { 'content-length': '4' }, chunks: ['abcd'] })
  await expect(readBody(sent, limits(3))).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_TOO_LARGE' })
  expect([read(), discarded()]).toEqual([0, true])
})

test('stops reading at the first chunk beyond the limit', async () => {
  const { answer: sent, read, discarded } = answer({ headers: { 'content-length': '1' }, chunks: repeat('ab', 1000) })
  await expect(readBody(sent, limits(3))).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_TOO_LARGE' })
  expect([read(), discarded()]).toEqual([2, true])
})

test('refuses a body of single bytes before it gets expensive', async () => {
  const { answer: sent, read } = answer({ chunks: repeat('x', 1_000_000) })
  await expect(readBody(sent, limits(8_000_000))).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_INVALID' })
  expect(read()).toBeLessThan(11_000)
})

test.each([
  ['longer', 'abcd'],
  ['shorter', 'ab'],
])('refuses a body that is %s than its exact size', async (_, text) => {
  await expect(readBody(answer({ chunks: [text] }).answer, limits(3, { exact: true }))).rejects.toMatchObject({
    code: 'REGISTRY_SIZE_MISMATCH',
  })
})

test('does not read an encoded body, and accepts the encoding `identity`', async () => {
  const { answer: sent, read } = answer({ headers: { 'content-encoding': 'gzip' }, chunks: ['x'] })
  await expect(readBody(sent, limits(3))).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_INVALID' })
  expect(read()).toBe(0)
  await expect(
    readBody(answer({ headers: { 'content-encoding': ' Identity ' }, chunks: ['x'] }).answer, limits(3)),
  ).resolves.toHaveLength(1)
})

test('reads only the beginning of an error body', async () => {
  const { answer: sent, read, discarded } = answer({ chunks: repeat('abc', 1000) })
  expect(Buffer.from(await readErrorBody(sent, 4, () => undefined)).toString()).toBe('abca')
  expect([read(), discarded()]).toEqual([2, true])
})

test('returns the first bytes of an error body that breaks off', async () => {
  function* broken(): Generator<string> {
    yield 'ab'
    throw new Error('reset')
  }
  expect(Buffer.from(await readErrorBody(answer({ chunks: broken() }).answer, 10, () => undefined)).toString()).toBe(
    'ab',
  )
})

test('hashes and counts a chunk of any size in parts, and lets timers run between them', async () => {
  const parts: number[] = []
  let ticks = 0
  const ticker = setInterval(() => ticks++, 1)
  const { answer: sent } = answer({ chunks: ['x'.repeat(64 * 1024 * 1024)] })
  const busy = (part: Uint8Array): void => {
    parts.push(part.length)
    for (const until = performance.now() + 1; performance.now() < until;);
  }
  await readBody(sent, limits(64 * 1024 * 1024, { onPart: busy }))
  clearInterval(ticker)
  expect(Math.max(...parts)).toBe(256 * 1024)
  expect(parts.reduce((sum, part) => sum + part)).toBe(64 * 1024 * 1024)
  expect(ticks).toBeGreaterThan(30)
})
