import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dockerConfig } from './docker-config.ts'

const signal = new AbortController().signal
const path = process.env['PATH'] ?? ''
let folder: string

/** Helpers as Node scripts on PATH, because a helper is any program. */
const HELPERS = {
  echo: `let server = ''; process.stdin.on('data', (d) => (server += d)).on('end', () =>
    console.log(JSON.stringify({ ServerURL: server, Username: process.argv.slice(2).join(), Secret: server })))`,
  token: `console.log('{"Username":"<token>","Secret":"refresh"}')`,
  none: `console.log('credentials not found in native keychain'); process.exitCode = 1`,
  broken: `console.log('s3cret'); console.error('s3cret'); process.exitCode = 3`,
  words: `console.log('s3cret')`,
  twice: `console.log('{"Username":"a","Username":"b","Secret":"s3cret"}')`,
  flood: `const line = 's3cret'.repeat(100_000); console.log(line)`,
  hang: `setInterval(() => undefined, 1000)`,
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-images-helpers-'))
  for (const [name, script] of Object.entries(HELPERS)) {
    const file = join(folder, `docker-credential-${name}`)
    await writeFile(file, `#!${process.execPath}\n${script}\n`)
    await chmod(file, 0o755)
  }
  process.env['PATH'] = folder + delimiter + path
})
afterAll(async () => {
  process.env['PATH'] = path
  await rm(folder, { recursive: true })
})

const helped = (helper: string): object => ({
  credHelpers: { 'r.test': helper },
  auths: { 'r.test': { auth: 'dTpw' } },
})
const find = (config: object, repository = 'r.test/app', by = signal): Promise<unknown> =>
  dockerConfig(config, { helpers: true }).credentialFor(repository, by)

test('runs a helper with `get` and the server on its standard input', async () => {
  await expect(find(helped('echo'))).resolves.toEqual({ kind: 'basic', username: 'get', password: 'r.test' })
  await expect(find({ credsStore: 'echo' }, 'nginx')).resolves.toMatchObject({
    password: 'https://index.docker.io/v1/',
  })
})

test('returns an identity token', async () => {
  await expect(find(helped('token'))).resolves.toEqual({ kind: 'identity-token', token: 'refresh' })
})

test('uses `auths` if the helper has no credential', async () => {
  await expect(find(helped('none'))).resolves.toMatchObject({ username: 'u', password: 'p' })
})

test.each([
  ['broken', 'failed (exit code 3)'],
  ['words', 'did not answer with `Username` and `Secret`'],
  ['twice', 'did not answer with `Username` and `Secret`'],
  ['flood', 'printed more than'],
  ['absent', 'is not on PATH'],
])('a helper that is %s is an error that names it, and nothing that it printed', async (helper, message) => {
  const error: unknown = await find(helped(helper)).catch((caught: unknown) => caught)
  expect(error).toMatchObject({
    code: 'REGISTRY_CREDENTIALS_INVALID',
    message: expect.stringContaining(`\`docker-credential-${helper}\` for \`r.test\` ${message}`) as string,
  })
  expect(String(error)).not.toContain('s3cret')
})

test('ends a helper that does not answer when the caller aborts', async () => {
  await expect(find(helped('hang'), 'r.test/app', AbortSignal.timeout(200))).rejects.toMatchObject({
    code: 'REGISTRY_TIMEOUT',
  })
})

test.each(['$(touch x)', 'a;b', '../echo', 'a b', '-x'])('does not run a helper that is called %j', async (helper) => {
  await expect(find(helped(helper))).rejects.toMatchObject({ code: 'REGISTRY_CREDENTIALS_INVALID' })
})

test('control: runs nothing unless asked', async () => {
  await expect(dockerConfig(helped('echo')).credentialFor('r.test/app', signal)).resolves.toMatchObject({
    username: 'u',
  })
})
