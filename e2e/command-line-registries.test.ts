import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  createSigningWorld,
  createTlsCertificate,
  startLoopbackRegistry,
  type Fault,
  type LoggedRequest,
  type LoopbackRegistry,
  type SigningWorld,
} from '@verify-images/testing'
import { startConnectProxy } from '@verify-images/testing/internal'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

/** The command line as a user runs it: a process with files, helper programs, TLS and a proxy. */
vi.setConfig({ testTimeout: 60_000 })

const HOST = 'registry.example.com'
const IMAGE = `${HOST}/team/app:1`
const tls = createTlsCertificate({ host: '127.0.0.1' })
const PASSWORD = 'Basic dTpw'
const challenge = (value: string): Fault => ({ status: 401, headers: { 'www-authenticate': value }, body: '' })
const wantsPassword = ({ headers: { authorization } }: LoggedRequest): Fault | undefined =>
  authorization === PASSWORD ? undefined : challenge('Basic realm="x"')

let world: SigningWorld
let folder: string
beforeAll(async () => {
  world = await createSigningWorld()
  world.image(IMAGE).signedBy(world.key('release'))
  folder = await mkdtemp(join(tmpdir(), 'verify-images-'))
  await write('key.pub', world.key('release').publicKey)
  await write('ca.pem', tls.cert)
})
afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true })
})

const closers: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function write(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

/** Writes a Docker config of its own folder, and returns the environment that names it. */
async function withConfig(config: object): Promise<Environment> {
  const own = await mkdtemp(join(folder, 'config-'))
  await writeFile(join(own, 'config.json'), JSON.stringify(config))
  return { DOCKER_CONFIG: own, PATH: folder + delimiter + (process.env['PATH'] ?? '') }
}

async function writeHelper(name: string, script: string): Promise<void> {
  await chmod(await write(`docker-credential-${name}`, `#!${process.execPath}\n${script}\n`), 0o755)
}

/** Starts a registry with the signed image. */
async function start(
  faults?: (request: LoggedRequest) => Fault | undefined,
  certificate: typeof tls | undefined = tls,
): Promise<LoopbackRegistry> {
  const registry = await startLoopbackRegistry({ tls: certificate, faults })
  closers.push(() => registry.close())
  const { digest } = world.image(IMAGE)
  for (const tag of ['1', `${digest.replace(':', '-')}.sig`]) {
    const { bytes } = world.registry.repository('team/app').manifest(tag) ?? { bytes: Buffer.alloc(0) }
    const manifest = Buffer.from(bytes)
    registry.putManifest('team/app', manifest, { tag })
    const { layers } = JSON.parse(manifest.toString()) as { readonly layers: readonly { readonly digest: string }[] }
    for (const layer of layers) {
      const blob = world.registry.repository('team/app').blob(layer.digest)
      if (blob !== undefined) registry.putBlob(blob.bytes)
    }
  }
  return registry
}

type Environment = Readonly<Record<string, string>>

interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs `verify-images verify` with a key; only the given variables are in its environment. */
async function verify(
  image: string,
  options: readonly string[],
  environment: Environment = { HOME: folder },
): Promise<Ended> {
  const main = join(import.meta.dirname, '../packages/cli/src/main.ts')
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=@verify-images/source', main, 'verify', image],
      ...['--key', join(folder, 'key.pub'), '--insecure-ignore-tlog', ...options],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { HOME: folder, ...environment } },
  )
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output: (await output).join('') }
}

const at = ({ endpoint }: LoopbackRegistry): readonly string[] => [
  ...['--registry-endpoint', `${HOST}=${endpoint}`, '--ca-file', join(folder, 'ca.pem')],
]
const credentialsOf = ({ requests }: LoopbackRegistry): ReadonlySet<string | undefined> =>
  new Set(requests.map(({ headers: { authorization } }) => authorization))

describe('a registry that wants a password, over TLS of a private authority', () => {
  const basic = '{"Username":"u","Secret":"p"}'

  test.each<[string, object]>([
    ['`auths`', { auths: { [HOST]: { auth: 'dTpw' } } }],
    ['a legacy key', { auths: { [`https://${HOST}/v1/`]: { username: 'u', password: 'p' } } }],
    ['the program of `credHelpers`', { credHelpers: { [HOST]: 'works' } }],
    ['the program of `credsStore`', { credsStore: 'works' }],
  ])('reads a private registry with the password of %s', async (_, config) => {
    await writeHelper('works', `console.log('${basic}')`)
    expect(await verify(IMAGE, at(await start(wantsPassword)), await withConfig(config))).toMatchObject({ code: 0 })
  })

  test.each<[string, object, string]>([
    ['a config without the host', { auths: { 'other.example.com': { auth: 'dTpw' } } }, 'REGISTRY_UNAUTHORIZED'],
    ['a program that is missing', { credHelpers: { [HOST]: 'missing' } }, '`docker-credential-missing` for'],
    [
      'a program that fails',
      { credsStore: 'fails' },
      `\`docker-credential-fails\` for \`${HOST}\` failed (exit code 3)`,
    ],
  ])('cannot check an image of a private registry with %s, and says so', async (_, config, message) => {
    await writeHelper('fails', 'process.exitCode = 3')
    const registry = await start(wantsPassword)
    const environment = await withConfig(config)
    const { code, output } = await verify(IMAGE, at(registry), environment)
    expect(code).toBe(2)
    expect(output).toContain(message)
    expect(credentialsOf(registry).has(PASSWORD)).toBe(false)
    if (!message.startsWith('REGISTRY_'))
      expect(output).toContain(`${environment['DOCKER_CONFIG'] ?? ''}/config.json: `)
  })

  test('exchanges the identity token that a program returns', async () => {
    await writeHelper('token', `console.log('{"Username":"<token>","Secret":"refresh-me"}')`)
    const registry = await start(({ method, path, headers: { authorization, host = '' }, body }) => {
      if (path.startsWith('/token'))
        return {
          status: method === 'POST' && body.includes('refresh_token=refresh-me') ? 200 : 403,
          body: '{"token":"t"}',
        }
      return authorization === 'Bearer t' ? undefined : challenge(`Bearer realm="https://${host}/token"`)
    })
    const environment = await withConfig({ credHelpers: { [HOST]: 'token' } })
    expect(await verify(IMAGE, at(registry), environment)).toMatchObject({ code: 0 })
  })
})

describe('a token server on another host', () => {
  async function startBoth(): Promise<{ readonly registry: LoopbackRegistry; readonly tokens: LoopbackRegistry }> {
    const tokens = await start((request) => wantsPassword(request) ?? { status: 200, body: '{"token":"t"}' })
    const registry = await start(({ headers: { authorization } }) =>
      authorization === 'Bearer t' ? undefined : challenge(`Bearer realm="${tokens.endpoint}/token"`),
    )
    return { registry, tokens }
  }
  const config = { auths: { [HOST]: { auth: 'dTpw' } } }

  test('sends nothing to a token server on another host, and says how to allow it', async () => {
    const { registry, tokens } = await startBoth()
    const { code, output } = await verify(IMAGE, at(registry), await withConfig(config))
    expect(code).toBe(2)
    expect(output).toContain(`--token-server ${HOST}=${tokens.host}`)
    expect(tokens.requests).toEqual([])
  })

  test('control: sends the password to a token server that --token-server lists', async () => {
    const { registry, tokens } = await startBoth()
    const options = [...at(registry), '--token-server', `${HOST}=${tokens.host}`]
    expect(await verify(IMAGE, options, await withConfig(config))).toMatchObject({ code: 0 })
    expect(credentialsOf(tokens)).toEqual(new Set([PASSWORD]))
  })
})

describe('authorities', () => {
  test.each<[string, readonly string[], (file: string) => Environment]>([
    ['SSL_CERT_FILE', [], (file) => ({ SSL_CERT_FILE: file })],
    ['NODE_EXTRA_CA_CERTS', [], (file) => ({ NODE_EXTRA_CA_CERTS: file })],
  ])('trusts the authorities of %s', async (_, options, environment) => {
    const { endpoint } = await start()
    const all = ['--registry-endpoint', `${HOST}=${endpoint}`, ...options]
    expect(await verify(IMAGE, all, environment(join(folder, 'ca.pem')))).toMatchObject({ code: 0 })
  })

  test('control: does not speak to a registry of an unknown authority', async () => {
    const registry = await start()
    const { code, output } = await verify(IMAGE, ['--registry-endpoint', `${HOST}=${registry.endpoint}`])
    expect(code).toBe(2)
    expect(output).toContain('REGISTRY_TLS_INVALID')
    expect(registry.requests).toEqual([])
  })
})

describe('a proxy', () => {
  const named = createTlsCertificate({ host: HOST })

  test.each<[string, (proxy: string) => readonly string[], (proxy: string) => Environment, boolean]>([
    ['HTTPS_PROXY leads to it', () => [], (proxy) => ({ HTTPS_PROXY: proxy }), true],
    ['https_proxy in small letters leads to it', () => [], (proxy) => ({ https_proxy: proxy }), true],
    ['--proxy leads to it', (proxy) => ['--proxy', proxy], () => ({}), true],
    ['--proxy leads to it whatever NO_PROXY says', (proxy) => ['--proxy', proxy], () => ({ NO_PROXY: '*' }), true],
    ['NO_PROXY leads past it', () => [], (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: '.example.com' }), false],
    ['--proxy none leads past it', () => ['--proxy', 'none'], (proxy) => ({ HTTPS_PROXY: proxy }), false],
  ])('sends requests through a proxy or past it: %s', async (_, options, environment, isUsed) => {
    const { host, asked, close } = await startConnectProxy((await start(undefined, named)).endpoint)
    closers.push(close)
    const url = `http://${host}`
    const all = ['--ca-file', await write('named.pem', named.cert), '--image-deadline', '15', ...options(url)]
    const { code } = await verify(IMAGE, all, environment(url))
    // The name has no address here, so without the proxy nothing is read.
    expect([code, new Set(asked.map(({ authority }) => authority))]).toEqual(
      isUsed ? [0, new Set([`${HOST}:443`])] : [2, new Set()],
    )
  })
})

describe('--insecure-registry', () => {
  const image = ({ host }: LoopbackRegistry): string => `${host}/team/app:1`
  const config = ({ host }: LoopbackRegistry): object => ({ auths: { [host]: { auth: 'dTpw' } } })
  const insecure = ({ host }: LoopbackRegistry, ...more: readonly string[]): readonly string[] => [
    ...['--insecure-registry', host, ...more],
  ]
  const startPlain = async (faults?: (request: LoggedRequest) => Fault | undefined): Promise<LoopbackRegistry> => {
    const registry = await startLoopbackRegistry({ faults })
    closers.push(() => registry.close())
    return registry
  }

  test('--insecure-registry tries TLS first, accepts a certificate for another name, and sends the password', async () => {
    const other = createTlsCertificate({ host: 'other.example.com' })
    const registry = await start(wantsPassword, other)
    const options = insecure(registry, '--ca-file', await write('other.pem', other.cert))
    expect(await verify(image(registry), options, await withConfig(config(registry)))).toMatchObject({ code: 0 })
  })

  test('--insecure-registry sends no password over plain HTTP, and names the option that does', async () => {
    const registry = await startPlain(wantsPassword)
    const { code, output } = await verify(image(registry), insecure(registry), await withConfig(config(registry)))
    expect(code).toBe(2)
    expect(output).toContain('--insecure-credentials')
    expect(credentialsOf(registry)).toEqual(new Set([undefined]))
  })

  test('control: --insecure-credentials sends the password over plain HTTP', async () => {
    const registry = await startPlain(wantsPassword)
    const options = insecure(registry, '--insecure-credentials')
    await verify(image(registry), options, await withConfig(config(registry)))
    expect(credentialsOf(registry).has(PASSWORD)).toBe(true)
  })

  test('control: without --insecure-registry a registry on this machine is not spoken to', async () => {
    const registry = await startPlain()
    expect(await verify(image(registry), [])).toMatchObject({ code: 2 })
    expect(registry.requests).toEqual([])
  })
})

describe('time', () => {
  test('waits for an answer that takes 11 s if --image-deadline allows it, and not for a program that hangs', async () => {
    const slow = ({ path }: LoggedRequest): Fault | undefined =>
      path.endsWith('.sig') ? { delayMs: 11_000 } : undefined
    await writeHelper('hangs', 'setInterval(() => undefined, 1000)')
    const [registry, hanging] = [await start(slow), await withConfig({ credsStore: 'hangs' })]
    const [patient, impatient, helped] = await Promise.all([
      verify(IMAGE, [...at(registry), '--image-deadline', '60']),
      verify(IMAGE, [...at(registry), '--image-deadline', '8']),
      verify(IMAGE, [...at(registry), '--image-deadline', '60'], hanging),
    ])
    expect([patient.code, impatient.code, helped.code]).toEqual([0, 2, 2])
    expect(helped.output).toContain('`docker-credential-hangs` for `registry.example.com` took more than 10000 ms')
  })
})
