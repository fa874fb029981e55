import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPolicy } from '../demo/demo.ts'
import { webhookHandler } from './webhook.ts'

let world: SigningWorld
let server: Server
let url: string
const logged: string[] = []

beforeAll(async () => {
  world = await createSigningWorld()
  const release = world.key('release')
  world.image('registry.test/shop/app:1').signedBy(release)
  world.image('registry.test/shop/tool:1')
  const verifier = createImageVerifier({
    policies: parsePolicies(demoPolicy(release)),
    registry: world.registryClient(),
  })
  server = createServer(webhookHandler(verifier, (line) => logged.push(line))).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
})

afterAll(async () => {
  server.close()
  await world.close()
})

async function review(
  image: string,
): Promise<{ readonly allowed: boolean; readonly patch?: string; readonly status?: { readonly message: string } }> {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', namespace: 'default' },
    spec: { containers: [{ name: 'main', image }] },
  }
  const body = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u1',
      operation: 'CREATE',
      object,
      namespace: 'default',
      kind: { group: '', version: 'v1', kind: 'Pod' },
    },
  }
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return ((await answer.json()) as { response: { allowed: boolean; patch?: string } }).response
}

test('admits a signed image and pins it', async () => {
  const { allowed, patch = '' } = await review('registry.test/shop/app:1')
  expect(allowed).toBe(true)
  expect(JSON.parse(Buffer.from(patch, 'base64').toString())).toContainEqual({
    op: 'replace',
    path: '/spec/containers/0/image',
    value: expect.stringMatching(/^registry\.test\/shop\/app:1@sha256:[0-9a-f]{64}$/) as string,
  })
})

test('denies an unsigned image with the text that Kyverno would print', async () => {
  const { allowed, status } = await review('registry.test/shop/tool:1')
  expect(allowed).toBe(false)
  expect(status?.message).toBe(
    "\n\nresource Pod/default/app was blocked due to the following policies \n\nsigned-images:\n  signed-by-release-key: 'failed to verify image registry.test/shop/tool:1: .attestors[0].entries[0].keys: no signatures found'\n",
  )
})

test('answers nonsense with an error, not with an allow, and says so in the log', async () => {
  const post = async (body: string): Promise<Response> => fetch(url, { method: 'POST', body })
  expect((await post('not json')).status).toBe(400)
  expect((await post(' '.repeat(9 * 1024 * 1024))).status).toBe(413)
  expect((await fetch(url)).status).toBe(405)
  expect(await (await post('{}')).json()).toMatchObject({ response: { allowed: false } })
  expect(logged).toEqual([
    'POST /: 400: Refused: the body is no JSON',
    'POST /: 413: Refused: the review is too large',
    'GET /: 405: Refused: a review is posted',
  ])
})

test('a fault of the verifier is told to the log and allows nothing', async () => {
  const lines: string[] = []
  const broken = createServer(
    webhookHandler({ review: () => Promise.reject(new Error('broken')) } as never, (line) => lines.push(line)),
  ).listen(0, '127.0.0.1')
  await new Promise((listening) => broken.once('listening', listening))
  const answer = await fetch(`http://127.0.0.1:${String((broken.address() as AddressInfo).port)}/review`, {
    method: 'POST',
    body: '{}',
  })
  broken.close()
  expect([answer.status, await answer.json()]).toEqual([500, {}])
  expect(lines).toEqual(['POST /review: 500: Error: broken'])
})

/** A folder with what the program reads. */
async function prepareFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-'))
  const { certificate, chain, privateKey } = world.certificateAuthority('webhook').issue('localhost')
  await writeFile(join(folder, 'tls.crt'), certificate + chain)
  await writeFile(join(folder, 'tls.key'), privateKey.export({ format: 'pem', type: 'pkcs8' }))
  await writeFile(join(folder, 'policies.yaml'), demoPolicy(world.key('release')))
  return folder
}

function runProgram(cwd: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(
    process.execPath,
    ['--conditions=@verify-images/source', '--no-warnings', join(import.meta.dirname, 'serve.ts'), ...args],
    { cwd },
  )
}

test('the program says in one line why it cannot begin, and in one line each what policies never let pass', async () => {
  const folder = await prepareFolder()
  await writeFile(join(folder, 'broken.yaml'), 'kind: Nothing\n')
  await writeFile(join(folder, 'old.yaml'), demoPolicy(world.key('release')).replace('Enforce', 'enforce'))
  const saidBy = async (...args: readonly string[]): Promise<readonly string[]> => {
    const program = runProgram(folder, ...args)
    let said = ''
    program.stderr.on('data', (data) => void (said += String(data)))
    expect(await new Promise((ended) => program.once('close', ended))).toBe(1)
    return said
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\S+ /, ''))
  }
  try {
    expect(await saidBy('policies.yaml', '.', 'https')).toEqual(['the port must be a number, found https'])
    expect(await saidBy('none.yaml', '.')).toEqual(["ENOENT: no such file or directory, open 'none.yaml'"])
    expect(await saidBy('broken.yaml', '.')).toEqual([expect.stringMatching(/^broken\.yaml:1:1: .*ClusterPolicy/)])
    expect(await saidBy('old.yaml', './none', '0')).toEqual([
      expect.stringMatching(/^old\.yaml:\d+: warning: .*POLICY_FIELD_DEPRECATED/),
      "ENOENT: no such file or directory, open 'none/tls.crt'",
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the program serves over TLS until it is told to end', async () => {
  const folder = await prepareFolder()
  const program = runProgram(folder, 'policies.yaml', '.', '0')
  try {
    const port = await new Promise<string>((listening, failed) => {
      let said = ''
      program.stderr.on('data', (data) => {
        said += String(data)
        const found = /listening on (\d+)/.exec(said)
        if (found?.[1] !== undefined) listening(found[1])
      })
      program.once('exit', () => failed(new Error(said)))
    })
    // The certificate is for no host: whose it is, is not what is asked here.
    const status = await new Promise((answered, failed) =>
      get({ port, path: '/healthz', rejectUnauthorized: false }, ({ statusCode }) => answered(statusCode)).on(
        'error',
        failed,
      ),
    )
    expect(status).toBe(200)
    program.kill('SIGTERM')
    expect(await new Promise((ended) => program.once('exit', ended))).toBe(0)
  } finally {
    program.kill('SIGKILL')
    await rm(folder, { recursive: true })
  }
})
