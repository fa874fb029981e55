import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import { createServer } from 'node:https'
import { createRegistryClient, type RegistryClientOptions } from '@verify-images/core'
import { fixed } from '@verify-images/registry-fetcher'
import {
  createSigningWorld,
  createTlsCertificate,
  vulnerabilities,
  type SigningWorld,
  type TestImage,
} from '@verify-images/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { attestedEntry, entryOf, keyAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import { findDockerRegistry, startDockerRegistry, type DockerRegistryOptions } from './testing/docker-registry.ts'
import { pushRepository, type PushTarget } from './testing/push-repository.ts'

const binary = findDockerRegistry()
if (binary === undefined)
  console.warn(
    'SKIPPED: no docker-registry; `node scripts/fetch-docker-registry.mjs` downloads it on Debian and Ubuntu',
  )

const USER = 'alice'
const PASSWORD = 's3cret-password'
/** PASSWORD, as `htpasswd -B` hashes it. */
const HTPASSWD = `${USER}:$2y$05$x5op/356oDAwRnmroS9wyelJpleGOgeiki5DeCHIS1/a1QvJRsQsy\n`
const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`
const attestationType = 'https://cosign.sigstore.dev/attestation/vuln/v1'

describe.skipIf(binary === undefined)('a registry of the distribution project', () => {
  let world: SigningWorld
  let images: Readonly<Record<'cosign' | 'bundle' | 'unsigned', TestImage>>
  beforeAll(async () => {
    // Distribution 2.8 has no referrers API: bundles are listed at the fallback tag.
    world = await createSigningWorld({ referrersApi: false })
    const release = world.key('release')
    images = {
      cosign: world
        .image('registry.test/team/app:cosign')
        .signedBy(release)
        .attestedBy(release, vulnerabilities({ critical: 0 })),
      bundle: world.image('registry.test/team/app:bundle').bundledBy(release),
      unsigned: world.image('registry.test/team/app:unsigned'),
    }
  })
  afterAll(() => world.close())

  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  async function start(options: DockerRegistryOptions, target: Omit<PushTarget, 'endpoint'> = {}): Promise<string> {
    const registry = await startDockerRegistry(binary ?? '', options)
    closers.push(registry.close)
    const endpoint = `${target.ca === undefined ? 'http' : 'https'}://${registry.host}`
    const tagOf = ({ digest }: TestImage): string => digest.replace(':', '-')
    await pushRepository(world.registry.endpoint, { ...target, endpoint }, 'team/app', [
      ...['cosign', `${tagOf(images.cosign)}.sig`, `${tagOf(images.cosign)}.att`],
      ...['bundle', tagOf(images.bundle), 'unsigned'],
    ])
    return endpoint
  }

  /** The verdict on an image of the started registry, which stands for `registry.test`. */
  function verify(
    image: TestImage,
    options: RegistryClientOptions,
    entry: object = entryOf(keyAttestor(world.key('release'))),
  ): ReturnType<typeof judge> {
    return judge(world, image, entry, { registry: createRegistryClient(options) })
  }

  const bundled = (): object => entryOf(keyAttestor(world.key('release')), { type: 'SigstoreBundle' })
  const scanned = (): object =>
    attestedEntry(keyAttestor(world.key('release')), attestationType, {
      key: '{{ scanner.result.critical || `0` }}',
      operator: 'Equals',
      value: 0,
    })

  test('a registry of the distribution project without authentication, over plain HTTP that was asked for', async () => {
    const options = { hosts: { 'registry.test': { endpoint: await start({}) } } }
    expect(await verify(images.cosign, options)).toMatchObject({ outcome: 'accepted', digest: images.cosign.digest })
    expect(await verify(images.cosign, options, scanned())).toMatchObject({ outcome: 'accepted' })
    expect(await verify(images.bundle, options, bundled())).toMatchObject({ outcome: 'accepted' })
    expect(await verify(images.unsigned, options)).toMatchObject({ outcome: 'rejected' })
    expect(await verify(images.unsigned, options, bundled())).toMatchObject({ outcome: 'rejected' })
    const mallory = entryOf(keyAttestor(world.key('mallory')))
    expect(await verify(images.cosign, options, mallory)).toMatchObject({ outcome: 'rejected' })
  })

  describe('with passwords, over TLS of a private authority', () => {
    const tls = createTlsCertificate({ host: '127.0.0.1' })
    const startPrivate = (): Promise<string> =>
      start(
        {
          files: { htpasswd: HTPASSWD, 'tls.crt': tls.cert, 'tls.key': tls.key },
          configure: (folder) => ({
            http: { tls: { certificate: `${folder}/tls.crt`, key: `${folder}/tls.key` } },
            auth: { htpasswd: { realm: 'test', path: `${folder}/htpasswd` } },
          }),
        },
        { ca: tls.cert, authorization: basic },
      )
    const hostsOf = (endpoint: string, password?: string): Pick<RegistryClientOptions, 'hosts'> => ({
      hosts: {
        'registry.test': {
          endpoint,
          certificateAuthority: tls.cert,
          ...(password !== undefined && {
            credentials: fixed('registry.test', { kind: 'basic', username: USER, password }),
          }),
        },
      },
    })

    test('accepts what is signed with the password, and cannot check anything without', async () => {
      const endpoint = await startPrivate()
      expect(await verify(images.cosign, hostsOf(endpoint, PASSWORD))).toMatchObject({ outcome: 'accepted' })
      expect(await verify(images.bundle, hostsOf(endpoint, PASSWORD), bundled())).toMatchObject({ outcome: 'accepted' })
      expect(await verify(images.unsigned, hostsOf(endpoint, PASSWORD))).toMatchObject({ outcome: 'rejected' })
      for (const image of [images.cosign, images.unsigned])
        for (const password of ['wrong', undefined])
          expect(await verify(image, hostsOf(endpoint, password))).toMatchObject({
            admitted: false,
            outcome: 'inconclusive',
          })
    })

    test('does not speak to it without the authority', async () => {
      const verdict = await verify(images.cosign, { hosts: { 'registry.test': { endpoint: await startPrivate() } } })
      expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
      expect(JSON.stringify(verdict.rules)).toContain('REGISTRY_TLS_INVALID')
    })
  })

  describe('with a token server', () => {
    const issuer = createTlsCertificate({ host: '127.0.0.1' })

    /** Signs what distribution verifies: a JSON Web Token with the certificate of its key. */
    function token(scopes: readonly string[]): string {
      const access = scopes.map((scope) => {
        const [type = '', name = '', actions = ''] = scope.split(':')
        return { type, name, actions: actions.split(',') }
      })
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        iss: 'tokens',
        aud: 'registry',
        sub: USER,
        jti: randomUUID(),
        exp: now + 60,
        nbf: now - 60,
        access,
      }
      const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(issuer.cert).raw.toString('base64')] }
      const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
      const key = { key: createPrivateKey(issuer.key), dsaEncoding: 'ieee-p1363' } as const
      return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
    }

    async function startTokenServer(): Promise<string> {
      const server = createServer({ key: issuer.key, cert: issuer.cert }, (request, response) => {
        const { searchParams } = new URL(request.url ?? '', 'https://tokens.test')
        const allowed = request.headers.authorization === basic
        response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' })
        response.end(JSON.stringify(allowed ? { token: token(searchParams.getAll('scope')) } : {}))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      closers.push(async () => {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      })
      const address = server.address()
      return `127.0.0.1:${String(Object(address).port)}`
    }

    test('exchanges the password for a token where the registry says so, and only there', async () => {
      const tokens = await startTokenServer()
      const endpoint = await start(
        {
          files: { 'issuer.crt': issuer.cert },
          configure: (folder) => ({
            auth: {
              token: {
                realm: `https://${tokens}/token`,
                service: 'registry',
                issuer: 'tokens',
                rootcertbundle: `${folder}/issuer.crt`,
              },
            },
          }),
        },
        { authorization: `Bearer ${token(['repository:team/app:pull,push'])}` },
      )
      const optionsFor = (password: string, tokenServers: readonly string[]): RegistryClientOptions => ({
        hosts: {
          'registry.test': {
            endpoint,
            tokenServers,
            credentials: fixed('registry.test', { kind: 'basic', username: USER, password }),
          },
          [tokens]: { certificateAuthority: issuer.cert },
        },
      })
      expect(await verify(images.cosign, optionsFor(PASSWORD, [tokens]))).toMatchObject({ outcome: 'accepted' })
      expect(await verify(images.unsigned, optionsFor(PASSWORD, [tokens]))).toMatchObject({ outcome: 'rejected' })
      for (const [password, servers] of [
        ['wrong', [tokens]],
        [PASSWORD, []],
      ] as const)
        expect(await verify(images.cosign, optionsFor(password, servers))).toMatchObject({
          admitted: false,
          outcome: 'inconclusive',
        })
    })
  })
})
