#!/usr/bin/env node
// Downloads Debian's docker-registry package and unpacks it, without root, for e2e/docker-registry.test.ts. Where there
// is no apt-get, or no mirror answers, those tests are skipped, and say so.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../node_modules/.cache/docker-registry')
const binary = join(folder, 'usr/bin/docker-registry')

if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('apt-get', ['download', 'docker-registry'], { cwd: folder, stdio: 'pipe', timeout: 60_000 })
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))
    if (archive === undefined) throw new Error('apt-get downloaded nothing')
    execFileSync('dpkg-deb', ['-x', archive, '.'], { cwd: folder, stdio: 'pipe', timeout: 60_000 })
  } catch (error) {
    const [reason] = String(error.message).split('\n')
    console.log(`docker-registry is not available, its tests will be skipped: ${reason}`)
  }
}
if (existsSync(binary)) console.log(`docker-registry: ${binary}`)
