import { createSigningWorld } from '@verify-images/testing'
import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LIMITS } from './limits.ts'
import { nodeProblem, SUPPORTED_NODE } from './supported-node.ts'

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

/** Runs the command as a process; its standard output is `stdout`, or closed before anything is written. */
async function verifyImages(
  argv: readonly string[],
  {
    stdout = 'pipe',
    input = '',
    node,
  }: { readonly stdout?: 'pipe' | number; readonly input?: string; readonly node?: string } = {},
): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [
      ...(node === undefined ? [] : ['--import', pretending(node)]),
      '--conditions=@verify-images/source',
      join(import.meta.dirname, 'main.ts'),
      ...argv,
    ],
    { stdio: ['pipe', stdout, 'pipe'] },
  )
  child.stdout?.destroy()
  // The command may exit before it has read everything.
  child.stdin?.on('error', () => undefined).end(input)
  const stderr = child.stderr === null ? '' : text(child.stderr)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, stderr: await stderr }
}

test('exits quietly with the usual code when the pipe is closed', async () => {
  expect(await verifyImages(['--help'])).toEqual({ code: 0, stderr: '' })
})

test.skipIf(!existsSync('/dev/full'))('exits with 74 and one line when the output cannot be written', async () => {
  expect(await verifyImages(['--help'], { stdout: openSync('/dev/full', 'w') })).toEqual({
    code: 74,
    stderr: 'verify-images: standard output: ENOSPC: cannot be written\n',
  })
})

test('limits standard input as it limits files', async () => {
  const { code, stderr } = await verifyImages(['apply', '-', '--image', 'registry.test/app:1'], {
    input: ' '.repeat(LIMITS.inputBytes + 1),
  })
  expect(stderr).toBe(
    `verify-images: standard input: POLICY_TOO_LARGE: larger than ${String(LIMITS.inputBytes)} bytes\n`,
  )
  expect(code).toBe(64)
})

test('reports a folder without manifests, and a missing file', async () => {
  const named = async (path: string): Promise<string> =>
    (await verifyImages(['apply', path, '--image', 'registry.test/app:1'])).stderr
  const folder = import.meta.dirname
  expect(await named(folder)).toBe(
    `verify-images: ${folder}: ENOENT: no file matches; folders are read for .yaml, .yml and .json\n`,
  )
  expect(await named(join(folder, 'none'))).toBe(`verify-images: ${folder}/none: ENOENT: no such file\n`)
})

test('Ctrl-C prints what is verified, lists the rest, and exits as inconclusive', async () => {
  const faults = ({ path }: { readonly path: string }): { readonly hang: true } | undefined =>
    path.includes('slow') ? { hang: true } : undefined
  const world = await createSigningWorld({ faults })
  const folder = await mkdtemp(join(tmpdir(), 'interrupt-'))
  try {
    await writeFile(join(folder, 'key.pub'), world.key('release').publicKey)
    const [fast, slow] = ['registry.test/fast:1', 'registry.test/slow:1']
    for (const image of [fast, slow]) world.image(image).signedBy(world.key('release'))
    const child = spawn(
      process.execPath,
      [
        ...['--conditions=@verify-images/source', join(import.meta.dirname, 'main.ts'), 'verify', fast, slow],
        ...['--key', join(folder, 'key.pub'), '--insecure-ignore-tlog', '--output', 'json'],
        ...['--registry-endpoint', `registry.test=${world.registry.endpoint}`],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: folder } },
    )
    const [out, stderr] = [text(child.stdout), text(child.stderr)]
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    // The fast image is done once all its parts were asked for.
    await expect
      .poll(() => world.registry.requests.filter(({ path }) => path.includes('fast')).length, { timeout: 30_000 })
      .toBeGreaterThan(2)
    await setTimeout(500)
    child.kill('SIGINT')
    expect(await ended).toBe(2)
    expect(JSON.parse(await out)).toMatchObject({
      verdicts: [{ subject: fast, admitted: true }],
      unfinished: [{ subject: slow, because: 'interrupted' }],
    })
    expect(await stderr).toContain('warning: 1 of 2 not verified: interrupted\n')
  } finally {
    await world.close()
    await rm(folder, { recursive: true })
  }
}, 60_000)

/** A module that makes the process take itself for another version of Node. */
function pretending(node: string): string {
  return `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '${node}' })`
}

test.each(['18.20.8', '20.20.2', '22.22.1', '23.11.0', '24.14.9', '25.1.0'])(
  'prints one line on Node %s, before it loads anything else',
  async (node) => {
    expect(await verifyImages(['--help'], { node })).toEqual({
      code: 64,
      stderr: `verify-images: unsupported Node ${node}: expected ${SUPPORTED_NODE}\n`,
    })
  },
)

test('supports the versions of Node that the manifest names', async () => {
  const manifest = (await import('../package.json', { with: { type: 'json' } })) as {
    default: { engines: { node: string } }
  }
  expect(SUPPORTED_NODE).toBe(manifest.default.engines.node)
  for (const version of ['22.22.2', '22.23.0', '24.15.0', '24.99.1', '26.0.0', '30.1.2'])
    expect(nodeProblem(version)).toBeUndefined()
})

test('loads nothing of its own before the check of the version, so that an old Node can run it', async () => {
  const source = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), 'utf8')
  const imports = [...(await source('main.ts')).matchAll(/^import .* from '(.*)'$/gm)].map(([, from]) => from)
  expect(imports).toEqual(['./supported-node.ts'])
  expect(await source('supported-node.ts')).not.toMatch(/^import/m)
})
