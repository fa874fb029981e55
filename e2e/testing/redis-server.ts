import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A running `redis-server` that listens on a socket in a folder of its own. */
export interface RedisServer {
  readonly socket: string
  readonly close: () => Promise<void>
}

const fetched = join(import.meta.dirname, '../../node_modules/.cache/redis')

/** Returns the path of `redis-server`, as `scripts/fetch-redis.mjs` downloads it. */
export function findRedisServer(): string | undefined {
  const path = process.env['REDIS_SERVER'] ?? join(fetched, 'usr/bin/redis-server')
  return existsSync(path) ? path : undefined
}

/** Starts the server, without persistence and without TCP. */
export async function startRedisServer(binary: string): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'))
  const socket = join(folder, 'redis.sock')
  const child = spawn(binary, ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], {
    stdio: 'ignore',
    env: { ...process.env, LD_LIBRARY_PATH: join(fetched, 'usr/lib/x86_64-linux-gnu') },
  })
  for (let waited = 0; !existsSync(socket) && waited < 5_000; waited += 20)
    await new Promise((done) => setTimeout(done, 20))
  return {
    socket,
    close: async () => {
      const exited = child.exitCode === null ? once(child, 'exit') : undefined
      child.kill()
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}
