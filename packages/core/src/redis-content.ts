import { createHmac } from 'node:crypto'
import { aPositiveInteger, type OptionKind, type OptionTable, withMethods } from '@verify-images/primitives'
import type { SharedContent } from '@verify-images/registry-fetcher'
import { checkOptions } from './verifier-error.ts'
import { LIMITS } from './limits.ts'

/** What is used of a client of Redis or Valkey, such as that of the package `redis`. */
export interface RedisCommands {
  get(key: string): Promise<string | null>
  setEx(key: string, seconds: number, value: string): Promise<unknown>
}

export interface RedisContentOptions {
  /** A client that is connected, or connects itself. */
  readonly client: RedisCommands
  /** At least 32 characters. Keys are made with it, so that a reader of the server learns no name and no credential. */
  readonly secret: string
  /** Seconds after which the server drops content. Default: one day. */
  readonly seconds?: number
}

const aSecret: OptionKind = {
  expected: `a string of at least ${String(LIMITS.secretCharacters)} characters`,
  fits: (value) => typeof value === 'string' && value.length >= LIMITS.secretCharacters,
}
const redisContentOptions: OptionTable<RedisContentOptions> = {
  client: withMethods('a client of Redis', 'get', 'setEx'),
  secret: aSecret,
  seconds: aPositiveInteger,
}

/**
 * Returns blobs that processes share over Redis or Valkey, for `createArtifactCache({ shared })`.
 *
 * The server is not trusted: content is used only with the digest that was asked for. Nothing else is shared: tags,
 * listings and results stay in the process.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 * @example
 * const client = await createClient({ url: 'redis://cache:6379' }).connect()
 * const cache = createArtifactCache({ shared: redisContent({ client, secret }) })
 */
export function redisContent(options: RedisContentOptions): SharedContent {
  checkOptions(options, redisContentOptions, { required: ['client', 'secret'] })
  const { client, secret, seconds = LIMITS.sharedSeconds } = options
  const keyOf = (name: string): string =>
    `verify-images:blob:${createHmac('sha256', secret).update(name).digest('base64url')}`
  return {
    async get(name, bytes): Promise<Uint8Array | undefined> {
      // Checked before it is decoded, so that a writer to the server cannot choose how much memory that takes.
      const text: unknown = await client.get(keyOf(name))
      if (typeof text !== 'string' || text.length !== 4 * Math.ceil(bytes / 3)) return undefined
      return new Uint8Array(Buffer.from(text, 'base64'))
    },
    async set(name, content): Promise<void> {
      await client.setEx(keyOf(name), seconds, Buffer.from(content).toString('base64'))
    },
  }
}
