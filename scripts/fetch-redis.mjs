#!/usr/bin/env node
// Downloads Debian's redis-server with the libraries that it needs and unpacks them, without root, for
// e2e/redis.test.ts. Where there is no apt-get, or no mirror answers, those tests are skipped, and say so.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../node_modules/.cache/redis')
const binary = join(folder, 'usr/bin/redis-server')
const packages = [
  'redis-server',
  'redis-tools',
  'libhiredis0.14',
  'libjemalloc2',
  'liblua5.1-0',
  'liblzf1',
  'lua-bitop',
  'lua-cjson',
  'libatomic1',
]

if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('apt-get', ['download', ...packages], { cwd: folder, stdio: 'pipe', timeout: 60_000 })
    const archives = readdirSync(folder).filter((name) => name.endsWith('.deb'))
    for (const archive of archives)
      execFileSync('dpkg-deb', ['-x', archive, '.'], { cwd: folder, stdio: 'pipe', timeout: 60_000 })
  } catch (error) {
    const [reason] = String(error.message).split('\n')
    console.log(`redis-server is not available, its tests will be skipped: ${reason}`)
  }
}
if (existsSync(binary)) console.log(`redis-server: ${binary}`)
