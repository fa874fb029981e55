import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSigningKey, createTlsCertificate } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPolicy } from '../demo/demo.ts'

const tls = createTlsCertificate({ host: '127.0.0.1' })
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webhook-'))
  await writeFile(join(folder, 'tls.crt'), tls.cert)
  await writeFile(join(folder, 'tls.key'), tls.key)
  await writeFile(join(folder, 'policies.yaml'), demoPolicy(createSigningKey('P-256')))
  await writeFile(join(folder, 'broken.yaml'), 'kind: Nothing\n')
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

function post(port: number, body: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/mutate', ca: tls.cert, method: 'POST' }, (response) => {
      let text = ''
      response.on('data', (data) => void (text += String(data)))
      response.on('end', () => resolve(JSON.parse(text)))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

test('the program answers reviews until it receives SIGTERM', async () => {
  const { child, stderr } = runProgram('policies.yaml', '.', '0')
  try {
    await expect.poll(stderr, { timeout: 15_000 }).toMatch(/"message":"listening","port":\d+/)
    const port = Number(/"port":(\d+)/.exec(stderr())?.[1])
    const review = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u1',
        operation: 'CREATE',
        namespace: 'default',
        kind: { group: '', version: 'v1', kind: 'Pod' },
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'app', namespace: 'default' },
          spec: { containers: [{ name: 'main', image: 'registry.test/shop/app:1' }] },
        },
      },
    }
    // The registry does not exist, so the image cannot be checked.
    expect(await post(port, review)).toMatchObject({ response: { uid: 'u1', allowed: false, status: { code: 503 } } })
    child.kill('SIGTERM')
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
  } finally {
    child.kill('SIGKILL')
  }
})

test.each([
  ['a policy file that is not there', ['none.yaml', '.'], "ENOENT: no such file or directory, open 'none.yaml'"],
  ['a file without a policy', ['broken.yaml', '.'], 'broken.yaml:1:1: '],
  ['no certificate', ['policies.yaml', './none', '0'], 'cannot read the certificate: ENOENT'],
])('the program does not start with %s, and says why', async (_, args, message) => {
  const { child, stderr } = runProgram(...args)
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
  expect(stderr()).toContain(message)
})
