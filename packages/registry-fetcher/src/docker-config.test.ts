import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Credential } from './credentials.ts'
import { dockerConfig } from './docker-config.ts'

const signal = new AbortController().signal
const INVALID: unknown = expect.objectContaining({ code: 'REGISTRY_CREDENTIALS_INVALID' })
const auth = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') })

function find(auths: object, repository: string): Promise<Credential> {
  return dockerConfig({ auths }).credentialFor(repository, signal)
}

test.each([
  ['reg.test', 'reg.test/app'],
  ['https://reg.test', 'reg.test/app'],
  ['https://reg.test/v1/', 'reg.test/app'],
  ['reg.test/v2/', 'reg.test/app'],
  ['reg.test:5000', 'reg.test:5000/app'],
  ['https://index.docker.io/v1/', 'index.docker.io/library/nginx'],
  ['docker.io', 'nginx'],
  ['reg.test/team', 'reg.test/team/app'],
  ['reg.test/team/app', 'reg.test/team/app'],
])('the entry %s is for %s', async (key, repository) => {
  await expect(find({ [key]: auth('u:p:q') }, repository)).resolves.toEqual({
    kind: 'basic',
    username: 'u',
    password: 'p:q',
  })
})

test.each([
  ['reg.test', 'reg.test:5000/app'],
  ['reg.test:5000', 'reg.test/app'],
  ['reg.test', 'reg.test.evil.com/app'],
  ['reg.test', 'my-reg.test/app'],
  ['test', 'reg.test/app'],
  ['my-reg.test', 'reg.test/app'],
  ['reg.test/team', 'reg.test/team2/app'],
  ['*.test', 'reg.test/app'],
  ['__proto__', 'reg.test/app'],
])('the entry %s is not for %s', async (key, repository) => {
  await expect(
    find(JSON.parse(`{${JSON.stringify(key)}:{"username":"u","password":"p"}}`) as object, repository),
  ).resolves.toEqual({ kind: 'anonymous' })
})

test('prefers the longest path', async () => {
  await expect(
    find({ 'reg.test': auth('a:1'), 'reg.test/team': auth('b:2'), 'reg.test/te': auth('c:3') }, 'reg.test/team/app'),
  ).resolves.toMatchObject({ username: 'b' })
})

test('prefers tokens to passwords', async () => {
  await expect(find({ 'r.test': { ...auth('u:p'), identitytoken: 'i' } }, 'r.test/app')).resolves.toEqual({
    kind: 'identity-token',
    token: 'i',
  })
  await expect(find({ 'r.test': { ...auth('u:p'), registrytoken: 'r' } }, 'r.test/app')).resolves.toEqual({
    kind: 'bearer',
    token: 'r',
  })
  await expect(find({ 'r.test': {} }, 'r.test/app')).resolves.toEqual({ kind: 'anonymous' })
})

test.each([
  ['auth without a colon', auth('user')],
  ['auth that is not base64', { auth: '%%%' }],
  ['auth that is not a string', { auth: 1 }],
  ['an entry that is not an object', 'u:p'],
])('an entry with %s fails the look-up without showing the entry', async (_, entry) => {
  await expect(find({ 'r.test': entry }, 'r.test/app')).rejects.toEqual(INVALID)
})

test.each([
  '',
  '{',
  '[]',
  'null',
  '{"auths":[]}',
  '{"auths":{"a.test":{},"a.test":{"auth":"eDp5"}}}',
  '\ufeff{}',
  ' '.repeat(1024 * 1024 + 1),
])('refuses a config such as %.40j', (text) => {
  expect(() => dockerConfig(text)).toThrow(INVALID)
})

const deep = (levels: number): string => `{"x":${'['.repeat(levels)}${']'.repeat(levels)}}`
const wide = (items: number): string => `{"x":[${'0,'.repeat(items - 1)}0]}`

test.each([
  ['nested deeper', deep(200)],
  ['with more tokens', wide(100_000)],
  ['with more characters', JSON.stringify({ x: 'x'.repeat(1024 * 1024) })],
])('refuses a config %s than allowed, before anything of it is read', (_, text) => {
  expect(() => dockerConfig(text)).toThrow(INVALID)
})

test('takes a config of the deepest nesting and of many tokens, in members that it does not read', async () => {
  for (const text of [deep(199), wide(99_000)])
    expect(await dockerConfig(text).credentialFor('reg.test/app', signal)).toEqual({ kind: 'anonymous' })
})

test('the error for an unreadable config shows no part of it', () => {
  expect(() => dockerConfig('{')).toThrow(
    expect.objectContaining({ detail: { kind: 'registry-credentials-invalid', problem: 'json-cut-short' } }),
  )
  expect(() => dockerConfig('s3cret')).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('s3cret') as string }),
  )
})

test('runs credential helpers only through `runHelper`, by file name and for the exact host', async () => {
  const asked: string[] = []
  const runHelper = (helper: string, server: string): Promise<{ username: string; secret: string } | undefined> => {
    asked.push(`${helper} ${server}`)
    return Promise.resolve(
      helper === 'none' ? undefined : { username: server.startsWith('https://index') ? '<token>' : 'u', secret: 's' },
    )
  }
  const config = {
    credHelpers: { 'a.test': 'ecr-login', 'b.test': '../../bin/sh', 'c.test': 'none' },
    credsStore: 'desktop',
    auths: { 'c.test': auth('x:y') },
  }
  const provider = dockerConfig(config, { runHelper })
  await expect(provider.credentialFor('a.test/app', signal)).resolves.toEqual({
    kind: 'basic',
    username: 'u',
    password: 's',
  })
  await expect(provider.credentialFor('b.test/app', signal)).rejects.toEqual(INVALID)
  await expect(provider.credentialFor('c.test/app', signal)).resolves.toMatchObject({ username: 'x' })
  await expect(provider.credentialFor('nginx', signal)).resolves.toEqual({ kind: 'identity-token', token: 's' })
  expect(asked).toEqual(['ecr-login a.test', 'none c.test', 'desktop https://index.docker.io/v1/'])
  await expect(dockerConfig(config).credentialFor('a.test/app', signal)).resolves.toEqual({ kind: 'anonymous' })
})

test("copies the caller's object", async () => {
  const config = { auths: { 'r.test': auth('u:p') } }
  const provider = dockerConfig(config)
  config.auths['r.test'] = auth('evil:evil')
  await expect(provider.credentialFor('r.test/app', signal)).resolves.toMatchObject({ username: 'u' })
})

test.each([undefined, null, 5, ['{}']])('refuses %j as a config', (config) => {
  expect(() => dockerConfig(config as never)).toThrow(expect.objectContaining({ code: 'REGISTRY_CREDENTIALS_INVALID' }))
})

test.each([null, { runhelper: () => undefined }, { runHelper: 'pass' }])('refuses the options %j', (options) => {
  expect(() => dockerConfig('{}', options as never)).toThrow(
    expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }),
  )
})

test('an entry applies to its own host and to the paths below its own, for any hosts and paths', async () => {
  const label = fc.stringMatching(/^[a-z]{2,6}$/)
  const path = fc.array(label, { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(label, label, path, path, async (host, otherHost, entryPath, wanted) => {
      const key = `${host}.test/${entryPath.join('/')}`
      const auth = Buffer.from('u:p').toString('base64')
      const provider = dockerConfig({ auths: { [key]: { auth } } })
      const found = await provider.credentialFor(`${otherHost}.test/${wanted.join('/')}`, signal)
      const applies = host === otherHost && entryPath.every((each, i) => each === wanted[i])
      expect(found.kind).toBe(applies ? 'basic' : 'anonymous')
    }),
  )
})

test.each([
  ['nested arrays', '['.repeat(500_000)],
  ['entries', JSON.stringify({ auths: Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`r${i}`, 0])) })],
])('refuses a config of many %s before it is parsed', (_, text) => {
  const started = performance.now()
  expect(() => dockerConfig(text)).toThrow(expect.objectContaining({ code: 'REGISTRY_CREDENTIALS_INVALID' }))
  expect(performance.now() - started).toBeLessThan(500)
})
