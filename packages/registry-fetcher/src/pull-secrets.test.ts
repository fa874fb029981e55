import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Credential } from './credentials.ts'
import { pullSecrets } from './pull-secrets.ts'
import type { PullSecret } from './pull-secrets.ts'

const signal = new AbortController().signal
const entry = (username: string): object => ({ username, password: 'p' })

function dockerSecret(auths: object): PullSecret {
  return {
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  }
}
function find(auths: object, repository: string): Promise<Credential> {
  return pullSecrets([dockerSecret(auths)]).credentialFor(repository, signal)
}

test.each([
  ['registry.local:5000', 'registry.local:5000/app', true],
  ['*.example.com', 'a.example.com/app', true],
  ['*.example.com', 'a.b.example.com/app', false],
  ['*.example.com', 'example.com/app', false],
  ['a?c.example.com', 'abc.example.com/app', true],
  ['[a-c]x.example.com', 'bx.example.com/app', true],
  ['[^a-c]x.example.com', 'bx.example.com/app', false],
  ['[a-c.example.com', 'b.example.com/app', false],
  ['*.example.com:8080', 'a.example.com:8080/app', true],
  ['*.example.com:8080', 'a.example.com/app', false],
  ['*.example.com', 'a.example.com:8080/app', false],
  ['https://reg.test/v2/team', 'reg.test/team/app', true],
  ['reg.test/team', 'reg.test/other/app', false],
  ['https://index.docker.io/v1/', 'index.docker.io/library/nginx', true],
  ['docker.io', 'index.docker.io/library/nginx', true],
  ['reg.test', 'reg.test.evil.com/app', false],
  ['reg.test', 'my-reg.test/app', false],
  [`${'*a'.repeat(30)}*b`, `${'a'.repeat(60)}/app`.replace('/', '.test/'), false],
])('the key %s is for %s: %s', async (key, repository, expected) => {
  await expect(find({ [key]: entry('u') }, repository)).resolves.toEqual(
    expected ? { kind: 'basic', username: 'u', password: 'p' } : { kind: 'anonymous' },
  )
})

test('prefers the longest path in any order of the secrets', async () => {
  const secrets = [dockerSecret({ 'reg.test': entry('host') }), dockerSecret({ 'reg.test/team': entry('team') })]
  await expect(pullSecrets(secrets).credentialFor('reg.test/team/app', signal)).resolves.toMatchObject({
    username: 'team',
  })
  await expect(pullSecrets(secrets.toReversed()).credentialFor('reg.test/team/app', signal)).resolves.toMatchObject({
    username: 'team',
  })
})

test('reads the older secret type, and plain text before base64', async () => {
  const secret: PullSecret = {
    type: 'kubernetes.io/dockercfg',
    data: { '.dockercfg': '!' },
    stringData: { '.dockercfg': '{"reg.test":{"username":"u","password":"p"}}' },
  }
  await expect(pullSecrets([secret]).credentialFor('reg.test/app', signal)).resolves.toMatchObject({ username: 'u' })
})

test('ignores secrets of other types', async () => {
  await expect(
    pullSecrets([{ type: 'Opaque', stringData: { '.dockerconfigjson': '{' } }, {}]).credentialFor(
      'reg.test/app',
      signal,
    ),
  ).resolves.toEqual({ kind: 'anonymous' })
})

test.each([
  [{ stringData: { '.dockerconfigjson': '{' } }, 'cannot parse the Docker config: not JSON'],
  [{ data: { '.dockerconfigjson': '!' } }, 'expected `.dockerconfigjson` to be base64'],
  [{ stringData: { '.dockerconfigjson': '{"auths":[]}' } }, 'expected `auths` to be an object'],
])('a secret that cannot be read fails every look-up: %j', async (secret, reason) => {
  await expect(
    pullSecrets([{ type: 'kubernetes.io/dockerconfigjson', ...secret }]).credentialFor('other.test/app', signal),
  ).rejects.toMatchObject({
    code: 'REGISTRY_CREDENTIALS_INVALID',
    message: `invalid registry credentials: ${reason}`,
  })
})

test.each([undefined, {}, 'secret', [null], ['secret']])('refuses %j as secrets', (secrets) => {
  expect(() => pullSecrets(secrets as never)).toThrow(expect.objectContaining({ code: 'REGISTRY_OPTIONS_INVALID' }))
})

test('reads a secret of a client library with other members, and requires its data to be strings', async () => {
  const type = 'kubernetes.io/dockercfg'
  const plain = { '.dockercfg': '{"reg.test":{"username":"u","password":"p"}}' }
  await expect(
    pullSecrets([{ type, stringData: plain, data: null, toString: () => 'a Secret' } as never]).credentialFor(
      'reg.test/app',
      signal,
    ),
  ).resolves.toMatchObject({ username: 'u' })
  for (const secret of [{ data: { '.dockercfg': 5 } }, { stringData: { '.dockercfg': {} } }]) {
    await expect(
      pullSecrets([{ type, ...secret } as never]).credentialFor('reg.test/app', signal),
    ).rejects.toMatchObject({ code: 'REGISTRY_CREDENTIALS_INVALID' })
  }
})

test('reads each secret once for any number of look-ups', async () => {
  let reads = 0
  const stringData = {
    get '.dockerconfigjson'(): string {
      reads++
      return '{"auths":{"reg.test":{"username":"u","password":"p"}}}'
    },
  }
  const type = 'kubernetes.io/dockerconfigjson'
  const provider = pullSecrets(Array.from({ length: 100 }, () => ({ type, stringData })))
  const copied = reads
  for (let i = 0; i < 100; i++) await provider.credentialFor(`reg.test/app-${i}`, signal)
  expect([copied, reads]).toEqual([100, 100])
})

const entries = (count: number): string =>
  JSON.stringify({ auths: Object.fromEntries(Array.from({ length: count }, (_, i) => [`r${i}.test`, {}])) })

test.each([
  [1000, 10, undefined],
  [1001, 1, 'expected at most 1000 secrets, got 1001'],
  [11, 1000, 'expected at most 10000 entries in all secrets'],
])('%i secrets with %i entries each: %s', async (count, size, reason) => {
  const secret = { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': entries(size) } }
  const found = pullSecrets(Array.from({ length: count }, () => secret)).credentialFor('other.test/app', signal)
  if (reason === undefined) await expect(found).resolves.toEqual({ kind: 'anonymous' })
  else await expect(found).rejects.toMatchObject({ message: `invalid registry credentials: ${reason}` })
})

test('throws nothing but RegistryErrors, for any secret', async () => {
  const config = fc.oneof(
    fc.json(),
    fc.record({ auths: fc.dictionary(fc.string(), fc.jsonValue()) }).map((value) => JSON.stringify(value)),
    fc.string(),
  )
  await fc.assert(
    fc.asyncProperty(config, fc.boolean(), async (text, encoded) => {
      const secret = encoded
        ? { data: { '.dockerconfigjson': Buffer.from(text).toString('base64') } }
        : { stringData: { '.dockerconfigjson': text } }
      await pullSecrets([{ type: 'kubernetes.io/dockerconfigjson', ...secret }])
        .credentialFor('reg.test/app', signal)
        .catch((error: unknown) => expect(error).toMatchObject({ name: 'RegistryError' }))
    }),
  )
})
