import { createSigningWorld } from '@verify-images/testing'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { demoPolicy } from '../demo/demo.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-list-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface Ended {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

function runProgram(...args: readonly string[]): Promise<Ended> {
  const program = join(import.meta.dirname, 'image-list.ts')
  const node = ['--conditions=@verify-images/source', '--no-warnings', program]
  return new Promise((resolve) => {
    const env = { ...process.env, HOME: folder }
    const child = execFile(process.execPath, [...node, ...args], { cwd: folder, env }, (_, stdout, stderr) => {
      resolve({ exit: child.exitCode, stdout, stderr })
    })
  })
}

test('verifies a list, with its progress on standard error and a report', { timeout: 60_000 }, async () => {
  const world = await createSigningWorld()
  try {
    const release = world.key('release')
    const signed = Array.from({ length: 5 }, (_, i) => world.image(`registry.test/app:${String(i)}`).signedBy(release))
    const images = [...signed, world.image('registry.test/app:unsigned')]
    await writeFile(join(folder, 'policy.yaml'), demoPolicy(release))
    await writeFile(join(folder, 'images.txt'), images.map(({ reference }) => `${reference}\n`).join(''))
    const endpoint = `--registry-endpoint=registry.test=${world.registry.endpoint}`
    const { exit, stdout, stderr } = await runProgram('images.txt', 'policy.yaml', 'report.xml', endpoint)
    expect(stderr).toContain('6 of 6 verified, 1 not admitted\n')
    expect(stdout).toContain('registry.test/app:unsigned: denied')
    expect(stdout).not.toContain('registry.test/app:0')
    expect(exit).toBe(1)
    expect(await readFile(join(folder, 'report.xml'), 'utf8')).toContain('tests="6" failures="1" errors="0"')
  } finally {
    await world.close()
  }
})
