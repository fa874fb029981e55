import {
  createRegistryClient,
  dockerConfig,
  type CredentialProvider,
  type RegistryClient,
  type RegistryClientOptions,
} from '@verify-images/core'
import { join } from 'node:path'
import type { RegistryArguments } from './command-line/arguments.ts'
import { codeOf, InputError, UsageError } from './cli-error.ts'
import { readInput } from './read-input.ts'
import type { CommandIO } from './command-io.ts'

/** System codes for a path that does not exist. */
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

export async function loadRegistry(given: RegistryArguments, io: CommandIO): Promise<RegistryClient> {
  const options: RegistryClientOptions = {
    hosts: registryHosts(given),
    credentials: await loadCredentials(given.dockerConfig, io),
    proxy: proxyOf(given, io),
  }
  const file = given.caFile ?? (io.environment['SSL_CERT_FILE'] || undefined)
  if (file === undefined) return createRegistryClient(options)
  return readInput(file, io, (certificateAuthority) => createRegistryClient({ ...options, certificateAuthority }))
}

/** Returns the proxy. An option counts before the environment. */
function proxyOf({ proxy }: RegistryArguments, { environment }: CommandIO): CommandIO['environment'] {
  if (proxy === undefined) return environment
  return proxy === 'none' ? {} : { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }
}

/**
 * Loads the credentials of Docker or Podman. The default config file may be missing, as for Docker; a malformed or
 * unreadable one is an error, because its owner expects to be logged in. A file or folder that is named
 * explicitly must exist.
 */
async function loadCredentials(named: string | undefined, io: CommandIO): Promise<CredentialProvider> {
  const folder = io.environment['DOCKER_CONFIG'] || undefined
  const readFile = (file: string): Promise<string> =>
    io.readFile(file).catch(async (error: unknown) => {
      const code = codeOf(error)
      if (named !== undefined || !MISSING.has(code)) throw error
      if (folder !== undefined && !(await isFolder(folder, io)))
        throw new InputError(`DOCKER_CONFIG: ${code}: \`${folder}\` is not a folder`)
      return '{}'
    })
  return readInput(
    named ?? (folder === undefined ? await usualConfig(io) : join(folder, 'config.json')),
    { ...io, readFile },
    (text, name) => dockerConfig(text, { helpers: true, source: name }),
  )
}

/**
 * Returns Docker's config file or, if that does not exist, the one of Podman that does. @see containers-auth.json(5)
 */
async function usualConfig({ home, environment, readFile }: CommandIO): Promise<string> {
  const docker = join(home, '.docker', 'config.json')
  const { XDG_RUNTIME_DIR: runtime, REGISTRY_AUTH_FILE: authFile } = environment
  const podman = [
    authFile,
    runtime && join(runtime, 'containers', 'auth.json'),
    join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'auth.json'),
  ]
  for (const file of [docker, ...podman]) {
    if (!file) continue
    const isThere = await readFile(file).then(
      () => true,
      (error: unknown) => !MISSING.has(codeOf(error)),
    )
    if (isThere) return file
  }
  return docker
}

/** Returns whether a path is a folder: reading it as a file fails with another code than a missing path. */
function isFolder(folder: string, io: CommandIO): Promise<boolean> {
  return io.readFile(folder).then(
    () => false,
    (error: unknown) => !MISSING.has(codeOf(error)),
  )
}

type Hosts = NonNullable<RegistryClientOptions['hosts']>

/**
 * Returns the host settings of the registry client for the registries that the command line names.
 *
 * The client decides what is valid, but its errors do not name these options, so each setting is tried by itself and
 * then together with those before it. URLs are not shown, because they can contain a password.
 *
 * @throws UsageError
 */
export function registryHosts({
  insecureRegistries,
  endpoints,
  tokenServers,
  insecureCredentials,
}: Pick<RegistryArguments, 'insecureRegistries' | 'endpoints' | 'tokenServers' | 'insecureCredentials'>): Hosts {
  const named = [
    ...[...new Set(insecureRegistries)].map((host) => ({
      option: '--insecure-registry',
      host,
      settings: { allowInsecure: true, ...(insecureCredentials && { sendPlainCredentials: true }) },
    })),
    ...[...endpoints].map(([host, endpoint]) => ({ option: '--registry-endpoint', host, settings: { endpoint } })),
  ]
  let hosts: Hosts = {}
  for (const { option, host, settings } of named) {
    if (!isAccepted({ [host]: {} })) throw new UsageError(`${option}: expected host[:port], got \`${host}\``)
    if (!isAccepted({ [host]: settings }))
      throw new UsageError(
        `${option}: invalid URL for \`${host}\`: expected https://host[:port] or http://host[:port] without a password`,
      )
    if (Object.hasOwn(hosts, host) || !isAccepted({ ...hosts, [host]: settings })) {
      throw new UsageError(
        `${option}: \`${host}\` is configured twice: expected one --insecure-registry or --registry-endpoint ` +
          `per registry; the scheme of an endpoint allows plain HTTP`,
      )
    }
    hosts = { ...hosts, [host]: settings }
  }
  return withTokenServers(hosts, tokenServers)
}

function withTokenServers(hosts: Hosts, tokenServers: RegistryArguments['tokenServers']): Hosts {
  return [...tokenServers].reduce((known, [host, servers]) => {
    if (!isAccepted({ [host]: { tokenServers: servers } }))
      throw new UsageError(`--token-server: expected host[:port]=host[:port], got \`${host}=${servers.join()}\``)
    const more = { ...known, [host]: { ...known[host], tokenServers: servers } }
    if (!isAccepted(more))
      throw new UsageError(`--token-server: \`${host}\` is another name of a registry in another option: use one name`)
    return more
  }, hosts)
}

function isAccepted(hosts: Hosts): boolean {
  try {
    createRegistryClient({ hosts })
    return true
  } catch (error) {
    if (codeOf(error) === 'REGISTRY_OPTIONS_INVALID') return false
    throw error
  }
}
