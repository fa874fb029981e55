import { afterEach, describe, expect, test, vi } from 'vitest'
import { redisContent, type RedisCommands } from './redis-content.ts'

const secret = '0123456789abcdef0123456789abcdef'
const MIB = 1024 * 1024

/** A server that answers every `GET` with this. */
const answering = (value: unknown): RedisCommands => ({
  get: () => Promise.resolve(value as string | null),
  setEx: () => Promise.resolve('OK'),
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('what a server answers is checked before it is decoded', () => {
  const read = async (value: unknown): Promise<readonly [Uint8Array | undefined, number]> => {
    const decode = vi.spyOn(Buffer, 'from')
    const content = await redisContent({ client: answering(value), secret }).get('name', MIB)
    return [content, decode.mock.calls.filter(([decoded]) => decoded === value).length]
  }

  test.each([
    // Buffer.from would allocate as many bytes.
    ['an object with a length', { length: 2 ** 32 }],
    ['an array', [1, 2, 3]],
    ['a buffer', Buffer.from('YQ==')],
    ['a number', 7],
    ['undefined', undefined],
    ['null', null],
    ['a string that is longer than the content', 'A'.repeat(4 * Math.ceil(MIB / 3) + 4)],
    ['a string that was cut', 'A'.repeat(4 * Math.ceil(MIB / 3) - 4)],
  ])('an answer that is %s is not decoded', async (_, value) => {
    expect(await read(value)).toEqual([undefined, 0])
  })

  test('control: an answer of the size that was asked for is decoded', async () => {
    const largest = Buffer.alloc(MIB, 'a')
    const [content, decoded] = await read(largest.toString('base64'))
    expect([content?.length, decoded]).toEqual([MIB, 1])
  })
})

test('names nothing to the server, and another secret asks for another key', async () => {
  const asked: string[] = []
  const client: RedisCommands = {
    ...answering(null),
    get: (key) => {
      asked.push(key)
      return Promise.resolve(null)
    },
  }
  for (const own of [secret, secret, secret.toUpperCase()])
    await redisContent({ client, secret: own }).get('ghcr.io/acme', 1)
  expect(asked[0]).toMatch(/^verify-images:blob:[\w-]{43}$/)
  expect(asked[1]).toBe(asked[0])
  expect(asked[2]).not.toBe(asked[0])
})
