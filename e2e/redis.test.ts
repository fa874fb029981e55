import { createClient } from '@redis/client'
import { createArtifactCache, redisContent, type ImageVerdict, type RedisCommands } from '@verify-images/core'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { entryOf, keyAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import { findRedisServer, startRedisServer, type RedisServer } from './testing/redis-server.ts'

const binary = findRedisServer()
if (binary === undefined)
  console.warn('SKIPPED: no redis-server; `node scripts/fetch-redis.mjs` downloads it on Debian and Ubuntu')

const SECRET = '0123456789abcdef0123456789abcdef'

describe.skipIf(binary === undefined)('blobs that processes share over Redis', () => {
  let world: SigningWorld
  let server: RedisServer
  let client: ReturnType<typeof connect>
  const connect = (socket: string) =>
    createClient({ socket: { path: socket, tls: false, reconnectStrategy: false } }).on('error', () => undefined)
  beforeEach(async () => {
    world = await createSigningWorld()
    server = await startRedisServer(binary ?? '')
    client = connect(server.socket)
    await client.connect()
  })
  afterEach(async () => {
    if (client.isOpen) client.destroy()
    await server.close()
    await world.close()
  })

  /** Verifies in a process of its own, as far as caches go; returns whether it admits, and its requests. */
  async function inNewProcess(secret: string = SECRET, commands: RedisCommands = client): Promise<readonly unknown[]> {
    const cache = createArtifactCache({ shared: redisContent({ client: commands, secret }) })
    const image = world.image('registry.test/app:1')
    const verdict: ImageVerdict = await judge(world, image, entryOf(keyAttestor(world.key('release'))), { cache })
    await settled()
    return [verdict.admitted, verdict.requests.total]
  }

  /** Content is written behind the verdict. */
  const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 50))

  test('another process reads a payload from the server, and the tag and the signatures from the registry', async () => {
    world.image('registry.test/app:1').signedBy(world.key('release'))
    expect(await inNewProcess()).toEqual([true, 3])
    expect(await inNewProcess()).toEqual([true, 2])
  })

  test('keys tell no name and no digest, and another secret shares nothing', async () => {
    world.image('registry.test/app:1').signedBy(world.key('release'))
    await inNewProcess()
    const keys = await client.keys('*')
    expect(keys).toEqual([expect.stringMatching(/^verify-images:blob:[\w-]{43}$/)])
    expect(await inNewProcess('another secret of 32 characters!')).toEqual([true, 3])
    expect(await client.keys('*')).toHaveLength(2)
  })

  test.each([
    ['garbage', 'bm90aGluZw=='],
    ['no base64', '%%%'],
    ['nothing', ''],
  ])('%s in place of the content costs a request and changes no verdict', async (_, poison) => {
    world.image('registry.test/app:1').signedBy(world.key('release'))
    await inNewProcess()
    for (const key of await client.keys('*')) await client.set(key, poison)
    expect(await inNewProcess()).toEqual([true, 3])
  })

  test.each<[string, (key: string) => Promise<unknown>]>([
    ['the content cut short', async (key) => client.set(key, ((await client.get(key)) ?? '').slice(0, -8))],
    ['the content and more', async (key) => client.set(key, `${(await client.get(key)) ?? ''}AAAA`)],
    ['32 MiB', async (key) => client.set(key, 'A'.repeat(32 * 1024 * 1024))],
    ['a list', async (key) => (await client.del(key), client.rPush(key, ['a', 'b']))],
    ['a hash', async (key) => (await client.del(key), client.hSet(key, 'length', '4294967296'))],
  ])('%s under its key costs a request and changes no verdict', async (_, poison) => {
    world.image('registry.test/app:1').signedBy(world.key('release'))
    await inNewProcess()
    for (const key of await client.keys('*')) await poison(key)
    expect(await inNewProcess()).toEqual([true, 3])
  })

  test('the payload of another image, of the same size, is not taken for this one', async () => {
    const unsigned = world.image('registry.test/app:1').signedBy(world.key('mallory'))
    expect(await inNewProcess()).toEqual([false, 3])
    const other = world.image('registry.test/other:1').signedBy(world.key('release'))
    const cache = createArtifactCache({ shared: redisContent({ client, secret: SECRET }) })
    await judge(world, other, entryOf(keyAttestor(world.key('release'))), { cache })
    await settled()
    const values = await Promise.all((await client.keys('*')).map((key) => client.get(key)))
    for (const key of await client.keys('*'))
      for (const value of values) {
        await client.set(key, value ?? '')
        expect((await inNewProcess())[0]).toBe(false)
      }
    expect(unsigned.digest).not.toBe(other.digest)
  })

  test('a server that does not answer, or is gone, costs time and changes no verdict', async () => {
    world.image('registry.test/app:1').signedBy(world.key('release'))
    await inNewProcess()
    await client.sendCommand(['CLIENT', 'PAUSE', '2000'])
    expect(await inNewProcess()).toEqual([true, 3])
    await server.close()
    expect(await inNewProcess()).toEqual([true, 3])
  })

  test.each([{ secret: 'short' }, { secret: SECRET, client: {} }, { secret: SECRET, ttl: 1 }, { client: undefined }])(
    'refuses the options %j',
    (options: object) => {
      expect(() => redisContent({ client, secret: SECRET, ...options })).toThrow(
        expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID' }),
      )
    },
  )
})
