import { createRegistryClient, fixed, type RegistryClient } from '@verify-images/registry-fetcher'
import { startLoopbackRegistry } from '@verify-images/testing'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createImageVerifier } from '../create-image-verifier.ts'
import type { ApiCall, KubernetesReader } from '../kubernetes.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

/** Text from policies, objects and registries that would have a verifier read or ask something it should not. */
const attacked = attackedWorld()
const annotated = (annotations: Readonly<Record<string, string>>): object => ({
  ...podOf('registry.test/app:1'),
  metadata: { name: 'app', namespace: 'default', annotations },
})

/** A client that sends nothing, and says what it would have sent. */
function recording(): { readonly registry: RegistryClient; readonly sent: readonly string[] } {
  const sent: string[] = []
  const registry = createRegistryClient({
    limits: { retryDelayMs: 1 },
    fetch: (url) => {
      sent.push(url)
      return Promise.reject(Object.assign(new Error('there is no network'), { code: 'ENOTFOUND' }))
    },
  })
  return { registry, sent }
}

describe('a key', () => {
  const policies = (publicKeys: string): ReturnType<typeof policyOf> => {
    const { world } = attacked
    world.image('registry.test/app:1').signedBy(world.key('release'))
    return policyOf([signedBy([{ publicKey: publicKeys }])])
  }

  test('control: a key in the policy, or in an annotation that the policy requires, is used', async () => {
    const { publicKey } = attacked.world.key('release')
    expect((await attacked.judge(policies(publicKey), podOf('registry.test/app:1'))).admitted).toBe(true)
    expect(
      (await attacked.judge(policies('{{ request.object.metadata.annotations.k }}'), annotated({ k: publicKey })))
        .admitted,
    ).toBe(true)
  })

  test('a key is never read from an existing file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keys-'))
    try {
      const path = join(folder, 'release.pub')
      await writeFile(path, attacked.world.key('release').publicKey)
      for (const text of [path, `file://${path}`, `file:${path}`]) await refused(text)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('a key is never read from the environment', async () => {
    process.env['ATTACKED_KEY'] = attacked.world.key('release').publicKey
    try {
      for (const text of ['env://ATTACKED_KEY', '$ATTACKED_KEY', '${ATTACKED_KEY}']) await refused(text)
    } finally {
      delete process.env['ATTACKED_KEY']
    }
  })

  test.each([
    'http://registry.test/k.pub',
    'https://keys.test/release.pub',
    'k8s://kyverno/release',
    'awskms:///alias/x',
    'gcpkms://x',
    'azurekms://x',
    'hashivault://x',
    'gitlab://x',
    'pkcs11:token=x',
    'release.pub',
    'null',
    '{}',
  ])('a key is never fetched from %s', refused)

  test.each(['RSA PUBLIC KEY', 'CERTIFICATE', 'PRIVATE KEY', 'EC PRIVATE KEY'])(
    'a PEM block of the type %s is not a public key',
    async (label) => {
      await refused(attacked.world.key('release').publicKey.replaceAll('PUBLIC KEY', label))
    },
  )

  test('a PEM block inside other text is not a public key', async () => {
    const { publicKey } = attacked.world.key('release')
    await refused(`key: ${publicKey}`)
    await refused(`${attacked.world.key('other').publicKey}some text\n${publicKey}`)
  })

  async function refused(text: string): Promise<void> {
    const built = policies(text)
    const rules = await attacked.judge(built, podOf('registry.test/app:1'))
    expect(rules.admitted, text).toBe(false)
    // Two keys with text between are read as the first, which is sound and signed nothing; all else is known
    // beforehand.
    if (!text.startsWith('-----BEGIN PUBLIC KEY'))
      expect(createImageVerifier({ policies: built }).problems, text).not.toEqual([])
    const filled = await attacked.judge(policies('{{ request.object.metadata.annotations.k }}'), annotated({ k: text }))
    expect(filled.admitted, text).toBe(false)
    expect(attacked.foreign).toEqual([])
    expect(attacked.asked().filter((line) => !line.includes('/v2/app/'))).toEqual([])
  }
})

describe('a context entry', () => {
  const calling = (entry: object, kinds = 'Pod'): ReturnType<typeof policyOf> =>
    policyOf([signedBy([attacked.world.key('release')])], {
      kinds: [kinds],
      rule: {
        context: [{ name: 'answer', ...entry }],
        preconditions: { all: [{ key: '{{ answer }}', operator: 'NotEquals', value: 'never' }] },
      },
    })
  const service = { apiCall: { method: 'GET', service: { url: '{{ request.object.metadata.annotations.u }}' } } }
  const path = { apiCall: { urlPath: '/api/v1/namespaces/{{ request.object.metadata.annotations.u }}' } }
  const pod = (u: string): object => annotated({ u })
  const SECRET = 'password of the internal service'

  function reader(answer: (call: ApiCall) => Promise<string>): KubernetesReader & { readonly calls: ApiCall[] } {
    const calls: ApiCall[] = []
    return {
      calls,
      read: () => Promise.resolve(undefined),
      call: (call) => {
        calls.push(call)
        return answer(call)
      },
    }
  }

  test('control: an apiCall goes to the reader of the caller, with what the policy states', async () => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('release'))
    const kubernetes = reader(() => Promise.resolve('fine'))
    expect((await attacked.judge(calling(service), pod('https://service.test/'), { kubernetes })).admitted).toBe(true)
    expect((await attacked.judge(calling(path), pod('default'), { kubernetes })).admitted).toBe(true)
    const [first, ...others] = kubernetes.calls
    expect(first).toEqual({ target: 'service', method: 'GET', url: 'https://service.test/', headers: {} })
    expect(others.at(-1)).toEqual({ target: 'kubernetes', method: 'GET', path: '/api/v1/namespaces/default' })
  })

  test('an apiCall fails without a reader', async () => {
    const real = globalThis.fetch
    globalThis.fetch = () => {
      throw new Error('the network was used')
    }
    try {
      for (const [entry, u] of [
        [service, 'http://169.254.169.254/'],
        [path, 'default'],
      ] as const) {
        expect(await attacked.judge(calling(entry), pod(u))).toMatchObject({
          admitted: false,
          outcome: 'inconclusive',
          rules: [{ status: 'error' }],
          requests: { total: 0 },
        })
      }
    } finally {
      globalThis.fetch = real
    }
  })

  test.each(['../secrets/x', 'default/../../../x', '%2e%2e/secrets', 'a/%2E%2e%2fsecrets', './x'])(
    'the value %s cannot move an apiCall out of its path',
    async (u) => {
      const kubernetes = reader(() => Promise.resolve('fine'))
      expect(await attacked.judge(calling(path), pod(u), { kubernetes })).toMatchObject({
        admitted: false,
        rules: [{ status: 'error' }],
      })
      expect(kubernetes.calls).toEqual([])
    },
  )

  test('an apiCall that fails does not repeat the answer in a message', async () => {
    const kubernetes = reader(() => Promise.reject(new Error(SECRET)))
    for (const entry of [service, path]) {
      const verdict = await attacked.judge(calling(entry), pod('https://service.test/hidden'), { kubernetes })
      expect(verdict.admitted).toBe(false)
      expect(JSON.stringify(verdict)).not.toContain(SECRET)
    }
  })

  test('a context entry for an image of another registry sends no credentials of the first one', async () => {
    const { world } = attacked
    world.image('registry.test/app:1').signedBy(world.key('release'))
    const other = await startLoopbackRegistry({
      faults: () => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' }, body: SECRET }),
    })
    try {
      const registry = createRegistryClient({
        credentials: fixed('registry.test', { kind: 'basic', username: 'u', password: 'p4ss' }),
        hosts: { 'registry.test': { endpoint: world.registry.endpoint }, 'other.test': { endpoint: other.endpoint } },
      })
      const policies = calling({ imageRegistry: { reference: '{{ request.object.metadata.annotations.u }}' } })
      const verdict = await attacked.judge(policies, pod('other.test/app:1'), { registry })
      expect(verdict).toMatchObject({ admitted: false, rules: [{ status: 'error' }] })
      expect(other.requests.length).toBeGreaterThan(0)
      expect(other.requests.map(({ headers }) => headers['authorization'])).toEqual(other.requests.map(() => undefined))
      expect(JSON.stringify(verdict)).not.toContain(SECRET)
      expect(JSON.stringify(verdict)).not.toContain('p4ss')
    } finally {
      await other.close()
    }
  })

  test.each([
    '169.254.169.254/app:1',
    '[::ffff:a9fe:a9fe]/app:1',
    '127.0.0.1:1/app:1',
    'localhost/app:1',
    '0xa9.254.169.254/app:1',
  ])('a context entry for an image at %s makes no request', async (u) => {
    const policies = calling({ imageRegistry: { reference: '{{ request.object.metadata.annotations.u }}' } })
    const { registry, sent } = recording()
    expect(await attacked.judge(policies, pod(u), { registry })).toMatchObject({
      admitted: false,
      rules: [{ status: 'error' }],
    })
    expect(sent).toEqual([])
    await attacked.judge(policies, pod('public.test/app:1'), { registry })
    expect(sent).not.toEqual([])
  })
})

describe('an image', () => {
  const policies = (): ReturnType<typeof policyOf> =>
    policyOf([signedBy([attacked.world.key('release')], { imageReferences: ['*'] })])

  test('control: an image at a public host is fetched', async () => {
    const { registry, sent } = recording()
    expect((await attacked.judge(policies(), podOf('public.test/app:1'), { registry })).admitted).toBe(false)
    expect(sent).not.toEqual([])
  })

  // A number alone is no host to image references: that is a repository of Docker Hub.
  test.each([
    '169.254.169.254/app:1',
    '[::ffff:169.254.169.254]/app:1',
    '127.1/app:1',
    '0x7f.1/app:1',
    '2852039166:80/app:1',
    'localhost/app:1',
    '[::1]:1/app:1',
  ])('an image at %s is not fetched', async (image) => {
    const { registry, sent } = recording()
    expect((await attacked.judge(policies(), podOf(image), { registry })).admitted).toBe(false)
    expect(sent).toEqual([])
  })

  test('an image is fetched with the credentials of its own host only', async () => {
    const asked: string[] = []
    const credentials = {
      credentialFor: (repository: string) => {
        asked.push(repository)
        return fixed('registry.test', { kind: 'basic', username: 'u', password: 'p4ss' }).credentialFor(
          repository,
          new AbortController().signal,
        )
      },
    }
    const evil = await startLoopbackRegistry({
      faults: () => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' }, body: '' }),
    })
    const hosts = ['registry.test.evil.test', 'my-registry.test', 'test', 'registry.tes', 'registry.test:5000']
    try {
      const registry = createRegistryClient({
        credentials,
        hosts: Object.fromEntries(hosts.map((host) => [host, { endpoint: evil.endpoint }])),
      })
      for (const host of hosts.filter((each) => /[.:]/.test(each)))
        expect((await attacked.judge(policies(), podOf(`${host}/app:1`), { registry })).admitted).toBe(false)
      expect(asked.length).toBeGreaterThan(0)
      expect(evil.requests.filter(({ headers }) => headers['authorization'] !== undefined)).toEqual([])
    } finally {
      await evil.close()
    }
  })
})
