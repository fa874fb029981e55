import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSigningKey, createTlsCertificate } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPolicy } from '../demo/demo.ts'
import { ask as askWebhook, reviewOf, type Answer } from './ask.ts'

const tls = createTlsCertificate({ host: '127.0.0.1' })
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webhook-'))
  await writeFile(join(folder, 'tls.crt'), tls.cert)
  await writeFile(join(folder, 'tls.key'), tls.key)
  for (const [name, text] of [
    ['policies', demoPolicy(createSigningKey('P-256'))],
    ['broken', 'kind: Nothing\n'],
  ] as const) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'policies.yaml'), text)
  }
})
afterAll(() => rm(folder, { recursive: true }))

interface Program {
  readonly child: ChildProcess
  readonly stderr: () => string
}

function runProgram(...args: readonly string[]): Program {
  const program = join(import.meta.dirname, 'serve.ts')
  const child = spawn(process.execPath, ['--conditions=@verify-images/source', '--no-warnings', program, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.on('data', (data) => void (text += String(data)))
  return { child, stderr: () => text }
}

const ask = (port: number, path: string, review?: object): Promise<Answer> =>
  askWebhook({ port, ca: tls.cert }, path, review)

async function portOf({ stderr }: Program): Promise<number> {
  await expect.poll(stderr, { timeout: 60_000 }).toMatch(/"message":"listening","port":\d+/)
  return Number(/"port":(\d+)/.exec(stderr())?.[1])
}

const REVIEW = reviewOf('registry.test/shop/app:1')

test(
  'the program answers reviews by the policies of a folder until it receives SIGTERM',
  { timeout: 90_000 },
  async () => {
    const program = runProgram('.', '0', 'policies')
    try {
      const port = await portOf(program)
      await expect.poll(() => ask(port, '/readyz'), { timeout: 10_000 }).toEqual({ status: 200, text: 'ok\n' })
      // The registry does not exist, so the image cannot be checked.
      const { text } = await ask(port, '/mutate', REVIEW)
      expect(JSON.parse(text)).toMatchObject({ response: { uid: 'u1', allowed: false, status: { code: 503 } } })
      expect((await ask(port, '/metrics')).text).toContain('verify_images_policies{state="used"} 1\n')
      program.child.kill('SIGTERM')
      expect(await new Promise((resolve) => program.child.once('exit', resolve))).toBe(0)
    } finally {
      program.child.kill('SIGKILL')
    }
  },
)

test(
  'without policies that can be used the program is not ready, says why, and admits nothing',
  { timeout: 90_000 },
  async () => {
    const program = runProgram('.', '0', 'broken')
    try {
      const port = await portOf(program)
      const answer = { status: 503, text: expect.stringContaining('policies.yaml:1:1: ') }
      await expect.poll(() => ask(port, '/readyz'), { timeout: 10_000 }).toEqual(answer)
      const { text } = await ask(port, '/mutate', REVIEW)
      expect(JSON.parse(text)).toMatchObject({ response: { allowed: false, status: { code: 503 } } })
    } finally {
      program.child.kill('SIGKILL')
    }
  },
)

test('the program does not start without a certificate, and says why', { timeout: 90_000 }, async () => {
  const { child, stderr } = runProgram('./none', '0', 'policies')
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
  expect(stderr()).toContain('cannot read the certificate: ENOENT')
})
