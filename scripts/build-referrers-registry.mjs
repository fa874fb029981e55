#!/usr/bin/env node
// Builds the registry with a referrers API, go-containerregistry's, for e2e/referrers-registry.test.ts. Where there is
// no Go, or its modules cannot be downloaded, those tests are skipped, and say so.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const source = join(import.meta.dirname, '../e2e/testing/referrers-registry')
const binary = join(import.meta.dirname, '../node_modules/.cache/referrers-registry')
const path = [process.env.PATH, '/usr/local/go/bin'].join(delimiter)

try {
  execFileSync('go', ['build', '-o', binary, '.'], {
    cwd: source,
    env: { ...process.env, PATH: path, GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local' },
    stdio: 'pipe',
    timeout: 300_000,
  })
} catch (error) {
  const [reason] = String(error.message).split('\n')
  console.log(`the registry with a referrers API cannot be built, its tests will be skipped: ${reason}`)
}
if (existsSync(binary)) console.log(`registry with a referrers API: ${binary}`)
