import { publicGoodRoot } from '@verify-images/core'
import { createSigningWorld } from '@verify-images/testing'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from './run.ts'
import { memoryIO, type Written } from './testing/memory-io.ts'

async function trust(
  argv: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Written & { readonly code: number }> {
  const { io, written } = memoryIO(new Map(Object.entries(files)))
  const code = await run(['trust', ...argv], io)
  return { ...written, code }
}

test('shows the built-in trust root with its age', async () => {
  const { code, out } = await trust(['show'])
  expect(code).toBe(0)
  expect(out).toMatch(/^built-in copy of Sigstore's public good root, as of \d{4}-\d\d-\d\d \(@sigstore\/tuf /)
  expect(out).toMatch(/certificate authorities\n│ {3}├── https:\/\/fulcio\.sigstore\.dev [0-9a-f]{64}, 2021-/)
  expect(out).toMatch(/── rekor\.sigstore\.dev [0-9a-f]{64}, 2021-01-12T11:53:27\.000Z to now on/)
})

test('shows a trust root of a file, also as JSON', async () => {
  const world = await createSigningWorld()
  const files = { 'root.json': world.trustedRootJson }
  await world.close()
  expect((await trust(['show', '--trusted-root', 'root.json'], files)).out).toMatch(/^root\.json\n/)
  const { out } = await trust(['show', '--trusted-root', 'root.json', '--output', 'json'], files)
  expect(JSON.parse(out)).toMatchObject({
    schemaVersion: 1,
    source: 'root.json',
    certificateAuthorities: [{ fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
    warnings: [],
  })
  const broken = await trust(['show', '--trusted-root', 'root.json'], { 'root.json': '{' })
  expect(broken.code).toBe(64)
  expect(broken.stderr[0]).toContain('root.json: ATTESTOR_TRUST_UNAVAILABLE: cannot parse the trusted root')
})

test('exports the built-in root, which --trusted-root reads', async () => {
  const { out } = await trust(['export'])
  expect(out).toBe(publicGoodRoot.json)
  expect((await trust(['show', '--trusted-root', 'a.json'], { 'a.json': out })).code).toBe(0)
})

test('a refresh that fails says what failed, and prints no root', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trust-'))
  const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const mirror = `http://127.0.0.1:${String(port)}`
    const { code, out, stderr } = await trust(['refresh', '--cache-folder', folder, '--mirror', mirror])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(stderr[0]).toContain('ATTESTOR_TRUST_UNAVAILABLE: ')
  } finally {
    server.close()
    await rm(folder, { recursive: true })
  }
})
