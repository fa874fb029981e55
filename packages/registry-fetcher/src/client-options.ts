import { X509Certificate } from 'node:crypto'
import {
  trimEnd,
  aBoolean,
  type AddressReach,
  aFunction,
  anObject,
  aPositiveInteger,
  aString,
  arrayOf,
  oneOf,
  type OptionTable,
} from '@verify-images/primitives'

import { aProvider, checkOptions, checkValue, invalid } from './check-options.ts'
import { anonymous } from './credentials.ts'
import type { CredentialProvider } from './credentials.ts'
import { createFetchTransport } from './fetch-transport.ts'
import type { RegistryFetch } from './fetch-transport.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { RegistryLimits } from './limits.ts'
import { createNodeTransport } from './node-transport.ts'
import type { NodeTransport } from './node-transport.ts'
import { hostNamed } from './repository.ts'
import type { Transport } from './transport.ts'
import { shown } from './shown.ts'

/**
 * What is settled about one host. A host that is named here may be anywhere, also on this machine or at a link-local
 * address; so an empty entry already says something.
 */
export interface HostOptions {
  /** Where requests for this host go instead, such as `http://127.0.0.1:5000`. `http:` is plain HTTP because it is written here. */
  readonly endpoint?: string
  /** The host speaks plain HTTP, and that is accepted: whoever is on the way can read and change everything. */
  readonly insecure?: boolean
  /** Instead of the client's. */
  readonly credentials?: CredentialProvider
  /** Hosts (`host[:port]`) of token servers that may see this registry's password beside the registry itself. */
  readonly tokenServers?: readonly string[]
  /** Instead of the client's. */
  readonly fetch?: RegistryFetch
  /** PEM certificates that are trusted for this host instead of the system's. */
  readonly certificateAuthority?: string
}

export interface RegistryClientOptions {
  /** Default: anonymous everywhere. */
  readonly credentials?: CredentialProvider
  /** By `host[:port]` as references name it; Docker Hub's spellings are one. */
  readonly hosts?: Readonly<Record<string, HostOptions>>
  /**
   * How far inward a registry may be that is only named by a reference. `private` (the default) admits RFC 1918 and the
   * like, where a cluster has its registries; loopback, link-local and metadata addresses always need an entry in
   * `hosts`. Token servers and redirects are held to `public`, unless they are the registry itself or named.
   */
  readonly registryReach?: 'public' | 'private'
  /** Sends all requests, for instance through a proxy. Default: node:http and node:https, with addresses checked. */
  readonly fetch?: RegistryFetch
  readonly limits?: Partial<RegistryLimits>
}

const CLIENT_OPTIONS: OptionTable<RegistryClientOptions> = {
  credentials: aProvider,
  hosts: anObject,
  registryReach: oneOf('public', 'private'),
  fetch: aFunction,
  limits: anObject,
}
const HOST_OPTIONS: OptionTable<HostOptions> = {
  endpoint: aString,
  insecure: aBoolean,
  credentials: aProvider,
  tokenServers: arrayOf(aString),
  fetch: aFunction,
  certificateAuthority: aString,
}

export interface HostSettings {
  readonly endpoint: URL | undefined
  readonly insecure: boolean
  readonly credentials: CredentialProvider | undefined
  readonly tokenServers: ReadonlySet<string>
  readonly transport: Transport | undefined
  readonly certificateAuthority: string | undefined
}

export interface ClientSettings {
  readonly hosts: ReadonlyMap<string, HostSettings>
  readonly credentials: CredentialProvider
  readonly registryReach: AddressReach
  readonly transport: Transport
  /** To be closed with the client. */
  readonly ownTransport: NodeTransport
  readonly limits: RegistryLimits
}

/** @throws RegistryError `REGISTRY_OPTIONS_INVALID` */
export function readOptions(options: RegistryClientOptions): ClientSettings {
  checkOptions(options, CLIENT_OPTIONS)
  const limits = readLimits(options.limits ?? {})
  const ownTransport = createNodeTransport(limits.connectionsPerHost)
  return {
    hosts: readHosts(options.hosts ?? {}),
    credentials: options.credentials ?? anonymous(),
    registryReach: options.registryReach ?? 'private',
    transport: options.fetch === undefined ? ownTransport : createFetchTransport(options.fetch),
    ownTransport,
    limits,
  }
}

function readLimits(given: Partial<RegistryLimits>): RegistryLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw invalid(`\`limits.${shown(name, 40)}\`: unknown option`)
    checkValue(value, aPositiveInteger, `limits.${name}`)
  }
  return { ...DEFAULT_LIMITS, ...given }
}

function readHosts(hosts: Readonly<Record<string, HostOptions>>): ReadonlyMap<string, HostSettings> {
  const read = new Map<string, HostSettings>()
  for (const [name, options] of Object.entries(hosts)) {
    const host = hostNamed(name, 'hosts')
    if (read.has(host)) throw invalid(`\`hosts\` names \`${host}\` twice`)
    read.set(host, readHost(host, options))
  }
  return read
}

function readHost(host: string, options: HostOptions): HostSettings {
  checkOptions(options, HOST_OPTIONS, { path: `hosts.${host}` })
  const { endpoint, insecure = false, fetch, certificateAuthority } = options
  if (endpoint !== undefined && insecure)
    throw invalid(`\`hosts\`: \`${host}\` has an \`endpoint\`, whose scheme says what \`insecure\` would`)
  return {
    endpoint: endpoint === undefined ? undefined : readEndpoint(host, endpoint),
    insecure,
    credentials: options.credentials,
    tokenServers: new Set((options.tokenServers ?? []).map((name) => hostNamed(name, 'tokenServers'))),
    transport: fetch === undefined ? undefined : createFetchTransport(fetch),
    certificateAuthority: certificateAuthority === undefined ? undefined : checkAuthority(host, certificateAuthority),
  }
}

function readEndpoint(host: string, text: string): URL {
  const url = URL.parse(text)
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw invalid(`\`hosts\`: the endpoint of \`${host}\` is not \`https://host[:port]\` or \`http://host[:port]\``)
  }
  url.pathname = trimEnd(url.pathname, '/')
  return url
}

function checkAuthority(host: string, pem: string): string {
  try {
    // Node passes over what it cannot read, and trusts nothing then.
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
    if (blocks === null) throw new Error('no certificate')
    for (const block of blocks) new X509Certificate(block)
  } catch (cause) {
    throw invalid(`\`hosts\`: the certificate authority of \`${host}\` is not PEM`, cause)
  }
  return pem
}
