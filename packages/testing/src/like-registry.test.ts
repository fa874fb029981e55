import { afterEach, describe, expect, test } from 'vitest'
import { startLoopbackRegistry, type LoopbackRegistry } from './loopback-registry.ts'
import { registryProfiles, type RegistryKind, type RegistryProfile } from './registry-profiles.ts'

const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

interface Served {
  readonly registry: LoopbackRegistry
  readonly digest: string
  readonly blob: string
  readonly get: (path: string, authorization?: string) => Promise<Response>
  /** The right password. */
  readonly basic: string
}

async function start(like: RegistryKind): Promise<Served> {
  const registry = await startLoopbackRegistry({ like })
  registries.push(registry)
  const { digest } = registry.putManifest('team/app', { schemaVersion: 2, layers: [] }, { tag: '1' })
  registry.putManifest('team/other', { schemaVersion: 2, layers: [] }, { tag: '1' })
  const { username = '', password = '' } = registry.logIn ?? {}
  return {
    registry,
    digest,
    blob: registry.putBlob('layer').digest,
    get: (path, authorization) =>
      fetch(registry.endpoint + path, { redirect: 'manual', headers: authorization ? { authorization } : {} }),
    basic: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
  }
}

/** What a caller sends that is logged in to `team/app`. */
async function logIn({ get, basic }: Served, { logIn: wanted }: RegistryProfile): Promise<string> {
  if (wanted.kind === 'password') return basic
  const answer = await get(`${wanted.path}?scope=repository:team/app:pull&service=registry`, basic)
  const { [wanted.member]: token } = (await answer.json()) as Readonly<Record<string, unknown>>
  return `Bearer ${String(token)}`
}

const profiles = Object.entries(registryProfiles) as readonly (readonly [RegistryKind, RegistryProfile])[]

describe.each(profiles)('a registry like %s', (like, profile) => {
  const isToken = profile.logIn.kind === 'token'

  test('challenges at `/v2/`, and answers a stranger elsewhere as its profile says', async () => {
    const { get, registry } = await start(like)
    const challenge = isToken ? `Bearer realm="${registry.endpoint}/` : 'Basic realm='
    const greeting = await get('/v2/')
    expect([greeting.status, greeting.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining(challenge),
    ])
    for (const path of ['/v2/team/app/manifests/1', '/v2/team/app/manifests/2', '/v2/none/manifests/1']) {
      const answer = await get(path)
      expect(answer.status).toBe(profile.stranger === 'challenged' ? 401 : 404)
      expect(answer.headers.has('www-authenticate')).toBe(profile.stranger === 'challenged')
    }
  })

  test('refuses a wrong password with the status of its profile', async () => {
    const { get } = await start(like)
    const wrong = `Basic ${Buffer.from('user:wrong').toString('base64')}`
    const answer = await get(profile.logIn.kind === 'token' ? profile.logIn.path : '/v2/', wrong)
    expect(answer.status).toBe(profile.logIn.kind === 'token' ? profile.logIn.refusal : 401)
  })

  test('serves the repository that a caller is logged in to', async () => {
    const served = await start(like)
    const authorization = await logIn(served, profile)
    expect((await served.get('/v2/team/app/manifests/1', authorization)).status).toBe(200)
    expect((await served.get('/v2/team/app/manifests/2', authorization)).status).toBe(404)
    // A token is for one repository; a password is for all.
    const other = (await served.get('/v2/team/other/manifests/1', authorization)).status
    expect(other === 200).toBe(!isToken)
  })

  test('lists referrers, or has no API for them', async () => {
    const served = await start(like)
    const { status, headers } = await served.get(
      `/v2/team/app/referrers/${served.digest}`,
      await logIn(served, profile),
    )
    const isListing = headers.get('content-type') === 'application/vnd.oci.image.index.v1+json'
    expect([status, isListing]).toEqual(profile.referrers === 'api' ? [200, true] : [404, false])
  })

  test('sends blobs, or redirects to a storage that asks for nothing', async () => {
    const served = await start(like)
    const answer = await served.get(`/v2/team/app/blobs/${served.blob}`, await logIn(served, profile))
    expect(answer.status).toBe(profile.blobs === 'direct' ? 200 : 307)
    const content = profile.blobs === 'direct' ? answer : await served.get(answer.headers.get('location') ?? '')
    expect(await content.text()).toBe('layer')
  })

  test('has a fallback tag that nobody wrote only where its profile says so', async () => {
    const served = await start(like)
    const authorization = await logIn(served, profile)
    const tag = served.digest.replace(':', '-')
    const answer = await served.get(`/v2/team/app/manifests/${tag}`, authorization)
    const stated = answer.headers.get('docker-content-digest')
    expect([answer.status, stated]).toEqual(profile.fallbackTagIsSubject ? [200, served.digest] : [404, null])
    served.registry.putManifest('team/app', { schemaVersion: 2, manifests: [] }, { tag })
    const written = await served.get(`/v2/team/app/manifests/${tag}`, authorization)
    expect(written.headers.get('docker-content-digest')).not.toBe(served.digest)
  })
})
