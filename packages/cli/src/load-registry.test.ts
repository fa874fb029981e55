import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadRegistry, registryHosts } from './load-registry.ts'
import { readText } from './read-input.ts'
import { memoryIO } from './testing/memory-io.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-images-'))
  await mkdir(join(folder, 'empty'))
  await writeFile(join(folder, 'file'), '{}')
})
afterAll(() => rm(folder, { recursive: true }))

/** Reads real files, because the error codes of the system tell a folder from a missing path. */
const load = (environment: Readonly<Record<string, string>>, home: string, dockerConfig?: string): Promise<object> =>
  loadRegistry(
    {
      insecureRegistries: [],
      endpoints: new Map(),
      tokenServers: new Map(),
      caFile: undefined,
      insecureCredentials: false,
      proxy: undefined,
      dockerConfig,
    },
    memoryIO(undefined, { readFile: (path) => readText(createReadStream(path)), environment, home }).io,
  )

test.each([
  ['a home without a config', {}, 'empty'],
  ['no home', {}, 'nowhere'],
  ['a home that is a file', {}, 'file'],
  ['a folder of DOCKER_CONFIG without a config', { DOCKER_CONFIG: 'empty' }, 'nowhere'],
])('uses no credentials with %s', async (_, environment, home) => {
  await expect(load(inFolder(environment), join(folder, home))).resolves.toBeTypeOf('object')
})

test("reads Podman's file if Docker's does not exist", async () => {
  await mkdir(join(folder, 'run', 'containers'), { recursive: true })
  await writeFile(join(folder, 'run', 'containers', 'auth.json'), 'broken')
  const environment = { XDG_RUNTIME_DIR: join(folder, 'run') }
  await expect(load(environment, join(folder, 'empty'))).rejects.toThrow(join('run', 'containers', 'auth.json'))
  await mkdir(join(folder, 'docker', '.docker'), { recursive: true })
  await writeFile(join(folder, 'docker', '.docker', 'config.json'), '{}')
  await expect(load(environment, join(folder, 'docker'))).resolves.toBeTypeOf('object')
})

test('reads the authorities of SSL_CERT_FILE, and names a file without certificates', async () => {
  await expect(load({ SSL_CERT_FILE: join(folder, 'file') }, folder)).rejects.toThrow(
    `${join(folder, 'file')}: REGISTRY_OPTIONS_INVALID: \`certificateAuthority\`: expected PEM certificates`,
  )
  await expect(load({ SSL_CERT_FILE: join(folder, 'nowhere') }, folder)).rejects.toThrow('ENOENT')
})

test('refuses a proxy that is not a URL', async () => {
  await expect(load({ HTTPS_PROXY: 'socks5://u:s3cret@proxy.test' }, folder)).rejects.toThrow(
    '`proxy.HTTPS_PROXY`: expected http://host[:port] or https://host[:port]',
  )
})

test.each([
  ['missing', 'ENOENT'],
  ['file', 'ENOTDIR'],
  ['file/below', 'ENOTDIR'],
])('rejects a DOCKER_CONFIG that is %s', async (name, code) => {
  await expect(load({ DOCKER_CONFIG: join(folder, name) }, folder)).rejects.toThrow(
    `DOCKER_CONFIG: ${code}: \`${join(folder, name)}\` is not a folder`,
  )
})

test('rejects a missing --docker-config, and ignores DOCKER_CONFIG beside it', async () => {
  await expect(load({}, folder, join(folder, 'missing'))).rejects.toThrow(
    `${join(folder, 'missing')}: ENOENT: no such file`,
  )
  await expect(load({ DOCKER_CONFIG: join(folder, 'missing') }, folder, join(folder, 'file'))).resolves.toBeTypeOf(
    'object',
  )
})

function inFolder(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(environment).map(([name, path]) => [name, join(folder, path)]))
}

const hostsOf = (
  insecureRegistries: readonly string[],
  endpoints: Readonly<Record<string, string>> = {},
  tokenServers: Readonly<Record<string, readonly string[]>> = {},
): object =>
  registryHosts({
    insecureRegistries,
    endpoints: new Map(Object.entries(endpoints)),
    tokenServers: new Map(Object.entries(tokenServers)),
    insecureCredentials: false,
  })

test('adds token servers to the settings of a registry, and names the option for an invalid host', () => {
  expect(hostsOf(['a.test'], {}, { 'a.test': ['b.test'], 'c.test': ['d.test'] })).toEqual({
    'a.test': { allowInsecure: true, tokenServers: ['b.test'] },
    'c.test': { tokenServers: ['d.test'] },
  })
  expect(() => hostsOf([], {}, { 'a.test': ['https://b.test'] })).toThrow(
    '--token-server: expected host[:port]=host[:port]',
  )
})

test('collects the settings of each registry', () => {
  expect(hostsOf(['localhost:5000', 'localhost:5000'], { 'ghcr.io': 'https://mirror.test/ghcr' })).toEqual({
    'localhost:5000': { allowInsecure: true },
    'ghcr.io': { endpoint: 'https://mirror.test/ghcr' },
  })
})

const twice =
  'is configured twice: expected one --insecure-registry or --registry-endpoint per registry; the scheme of ' +
  'an endpoint allows plain HTTP'

test.each<readonly [string, readonly string[], Readonly<Record<string, string>>, string]>([
  [
    'a URL for a host',
    ['http://localhost:5000'],
    {},
    '--insecure-registry: expected host[:port], got `http://localhost:5000`',
  ],
  [
    'a path of a registry',
    [],
    { 'ghcr.io/acme': 'https://a' },
    '--registry-endpoint: expected host[:port], got `ghcr.io/acme`',
  ],
  [
    'an endpoint without a scheme',
    [],
    { 'a.test': '127.0.0.1:1' },
    '--registry-endpoint: invalid URL for `a.test`: expected https://host[:port] or http://host[:port] ' +
      'without a password',
  ],
  [
    'a password in an endpoint, and does not show it',
    [],
    { 'a.test': 'https://user:secret@b.test' },
    '--registry-endpoint: invalid URL for `a.test`: expected https://host[:port] or http://host[:port] ' +
      'without a password',
  ],
  [
    'plain HTTP beside an endpoint',
    ['a.test'],
    { 'a.test': 'http://127.0.0.1:1' },
    `--registry-endpoint: \`a.test\` ${twice}`,
  ],
  [
    'two spellings of one registry',
    [],
    { 'docker.io': 'https://a', 'index.docker.io': 'https://b' },
    `--registry-endpoint: \`index.docker.io\` ${twice}`,
  ],
])('rejects %s and names the option', (_, insecure, endpoints, message) => {
  expect(() => hostsOf(insecure, endpoints)).toThrow(expect.objectContaining({ name: 'UsageError', message }))
})
