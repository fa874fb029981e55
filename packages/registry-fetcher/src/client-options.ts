import { randomUUID, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import {
  aBoolean,
  type AddressReach,
  aFunction,
  anObject,
  aPositiveInteger,
  aString,
  arrayOf,
  oneOf,
  type OptionTable,
  printableText,
  trimEnd,
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
import { createProxyFinder } from './proxy.ts'
import type { ProxyEnvironment } from './proxy.ts'
import type { ClientCertificate, Transport } from './transport.ts'

/**
 * Options for one host. A host that is listed may have any address, also one of this machine or a link-local one, even
 * if its options are empty.
 */
export interface HostOptions {
  /** Where requests for this host are sent instead, such as `http://127.0.0.1:5000`. `http:` allows plain HTTP. */
  readonly endpoint?: string
  /** Uses plain HTTP: anyone on the network path can read and change everything. */
  readonly insecure?: boolean
  /**
   * Accepts a certificate for another name, and plain HTTP if the server does not speak TLS. No credential is sent over
   * plain HTTP, unless `sendPlainCredentials` is set.
   */
  readonly allowInsecure?: boolean
  /** With `allowInsecure`: anyone on the network path can read the credential. */
  readonly sendPlainCredentials?: boolean
  /** Used instead of the client's. */
  readonly credentials?: CredentialProvider
  /**
   * Hosts (`host[:port]`) of token servers that may receive the credential of this registry, in addition to the
   * registry.
   */
  readonly tokenServers?: readonly string[]
  /** Used instead of the client's. */
  readonly fetch?: RegistryFetch
  /** PEM certificates that are trusted for this host instead of the system's. */
  readonly certificateAuthority?: string
  /** The certificate of this client for the host, with its key, both in PEM. */
  readonly clientCertificate?: ClientCertificate
}

export interface RegistryClientOptions {
  /** Default: anonymous everywhere. */
  readonly credentials?: CredentialProvider
  /** By `host[:port]` as references name it; the names of Docker Hub are one host. */
  readonly hosts?: Readonly<Record<string, HostOptions>>
  /**
   * Which addresses a registry may have that is only named by a reference. `private` (the default) includes RFC 1918
   * and similar ranges, where clusters have their registries; loopback, link-local and metadata addresses always need
   * an entry in `hosts`. Token servers and redirects must have public addresses unless they are the registry itself or
   * listed.
   */
  readonly registryReach?: 'public' | 'private'
  /** Sends all requests, for instance through a proxy. Default: node:http and node:https, which check addresses. */
  readonly fetch?: RegistryFetch
  readonly limits?: Partial<RegistryLimits>
  /** PEM certificates that are trusted beside Node's, for all hosts without a `certificateAuthority` of their own. */
  readonly certificateAuthority?: string
  /**
   * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, such as `process.env`. Behind a proxy the addresses of names cannot be
   * checked: hosts that only a server names are refused, unless they are listed in `hosts`.
   */
  readonly proxy?: ProxyEnvironment
}

const CLIENT_OPTIONS: OptionTable<RegistryClientOptions> = {
  credentials: aProvider,
  hosts: anObject,
  registryReach: oneOf('public', 'private'),
  fetch: aFunction,
  limits: anObject,
  certificateAuthority: aString,
  proxy: anObject,
}
const HOST_OPTIONS: OptionTable<HostOptions> = {
  endpoint: aString,
  insecure: aBoolean,
  allowInsecure: aBoolean,
  sendPlainCredentials: aBoolean,
  credentials: aProvider,
  tokenServers: arrayOf(aString),
  fetch: aFunction,
  certificateAuthority: aString,
  clientCertificate: anObject,
}
const CLIENT_CERTIFICATE: OptionTable<ClientCertificate> = { certificate: aString, key: aString }

export interface HostSettings {
  readonly endpoint: URL | undefined
  readonly insecure: boolean
  readonly allowInsecure: boolean
  readonly sendPlainCredentials: boolean
  readonly credentials: CredentialProvider | undefined
  readonly tokenServers: ReadonlySet<string>
  readonly transport: Transport | undefined
  readonly certificateAuthority: string | undefined
  readonly clientCertificate: ClientCertificate | undefined
}

export interface ClientSettings {
  /** Differs for each client of the process. */
  readonly id: string
  readonly hosts: ReadonlyMap<string, HostSettings>
  readonly credentials: CredentialProvider
  readonly registryReach: AddressReach
  readonly transport: Transport
  /** Closed with the client. */
  readonly ownTransport: NodeTransport
  readonly limits: RegistryLimits
  /** The limits that the options set; unless set, timeouts follow the deadline of a session. */
  readonly setTimeouts: ReadonlySet<string>
}

/** @throws RegistryError `REGISTRY_OPTIONS_INVALID` */
export function readOptions(options: RegistryClientOptions): ClientSettings {
  checkOptions(options, CLIENT_OPTIONS)
  const limits = readLimits(options.limits ?? {})
  const { certificateAuthority, proxy } = options
  const ownTransport = createNodeTransport(limits.connectionsPerHost, {
    certificateAuthority:
      certificateAuthority === undefined ? undefined : checkAuthority('certificateAuthority', certificateAuthority),
    proxyFor: proxy === undefined ? undefined : createProxyFinder(proxy),
  })
  return {
    id: randomUUID(),
    hosts: readHosts(options.hosts ?? {}),
    credentials: options.credentials ?? anonymous(),
    registryReach: options.registryReach ?? 'private',
    transport: options.fetch === undefined ? ownTransport : createFetchTransport(options.fetch),
    ownTransport,
    limits,
    setTimeouts: new Set(Object.keys(options.limits ?? {})),
  }
}

function readLimits(given: Partial<RegistryLimits>): RegistryLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw invalid(`\`limits.${printableText(name, 40)}\`: unknown option`)
    checkValue(value, aPositiveInteger, `limits.${name}`)
  }
  return { ...DEFAULT_LIMITS, ...given }
}

function readHosts(hosts: Readonly<Record<string, HostOptions>>): ReadonlyMap<string, HostSettings> {
  const read = new Map<string, HostSettings>()
  for (const [name, options] of Object.entries(hosts)) {
    const host = hostNamed(name, 'hosts')
    if (read.has(host)) throw invalid(`\`hosts\`: \`${host}\` is listed twice`)
    read.set(host, readHost(host, options))
  }
  return read
}

function readHost(host: string, options: HostOptions): HostSettings {
  checkOptions(options, HOST_OPTIONS, { path: `hosts.${host}` })
  const { endpoint, insecure = false, allowInsecure = false, fetch, certificateAuthority } = options
  if (endpoint !== undefined && insecure)
    throw invalid(
      `\`hosts.${host}\`: expected \`endpoint\` or \`insecure\`, got both; the scheme of \`endpoint\` decides`,
    )
  if (allowInsecure && (insecure || endpoint !== undefined))
    throw invalid(`\`hosts.${host}\`: expected \`allowInsecure\` without \`endpoint\` and \`insecure\``)
  return {
    endpoint: endpoint === undefined ? undefined : readEndpoint(host, endpoint),
    insecure,
    allowInsecure,
    sendPlainCredentials: options.sendPlainCredentials === true,
    credentials: options.credentials,
    tokenServers: new Set((options.tokenServers ?? []).map((name) => hostNamed(name, 'tokenServers'))),
    transport: fetch === undefined ? undefined : createFetchTransport(fetch),
    certificateAuthority:
      certificateAuthority === undefined
        ? undefined
        : checkAuthority(`hosts.${host}.certificateAuthority`, certificateAuthority),
    clientCertificate: options.clientCertificate && readClientCertificate(host, options.clientCertificate),
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
    throw invalid(
      `\`hosts.${host}.endpoint\`: expected \`https://host[:port][/path]\` or \`http://host[:port][/path]\``,
    )
  }
  url.pathname = trimEnd(url.pathname, '/')
  return url
}

function readClientCertificate(host: string, given: ClientCertificate): ClientCertificate {
  const path = `hosts.${host}.clientCertificate`
  checkOptions(given, CLIENT_CERTIFICATE, { path })
  const { certificate, key } = given
  try {
    createSecureContext({ cert: certificate, key })
  } catch (cause) {
    throw invalid(`\`${path}\`: expected \`certificate\` and its \`key\` in PEM`, cause)
  }
  return { certificate, key }
}

function checkAuthority(option: string, pem: string): string {
  try {
    // Node ignores what it cannot parse, and then trusts no certificate.
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
    if (blocks === null) throw new Error('no certificate')
    for (const block of blocks) new X509Certificate(block)
  } catch (cause) {
    throw invalid(`\`${option}\`: expected PEM certificates`, cause)
  }
  return pem
}
