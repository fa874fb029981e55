import { canonicalHost } from '@verify-images/image-matcher'
import { printableText } from '@verify-images/primitives'
import type { AddressReach } from '@verify-images/primitives'
import type { ClientSettings, HostSettings } from './client-options.ts'
import { MAX_HEADER_LENGTH, MAX_PRINTED_LENGTH } from './limits.ts'
import { redactUrl } from './redact-url.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistryErrorCode } from './registry-error.ts'
import { isTokenServerOf } from './token-server.ts'
import type { ClientCertificate, Transport } from './transport.ts'

/** How requests for one host are sent. */
export interface Route {
  /** `host[:port]` as references name it. */
  readonly host: string
  /** Scheme, authority and optional path that requests are sent to: the host itself, or its endpoint. */
  readonly base: URL
  /** Whether the options map the host to an endpoint. */
  readonly mapped: boolean
  readonly plainHttp: boolean
  readonly reach: AddressReach
  readonly transport: Transport
  readonly certificateAuthority: string | undefined
  readonly clientCertificate: ClientCertificate | undefined
  /** Whether an image, a policy or an option names the host, not only an answer of a server. */
  readonly isNamed: boolean
  readonly acceptAnyName: boolean
}

/**
 * Returns the route to the registry of a reference. Plain HTTP is never chosen by address: only where the options say
 * so, or with `plainHttp`, which a policy asked for.
 */
export function registryRoute(settings: ClientSettings, host: string, plainHttp: boolean = false): Route {
  const options = settings.hosts.get(host)
  return routeTo(settings, host, options, options === undefined ? settings.registryReach : 'any', plainHttp)
}

/** Returns whether the options decide the scheme of this host, so that a policy cannot. */
export function isSchemeSettled(settings: ClientSettings, host: string): boolean {
  const options = settings.hosts.get(host)
  return options !== undefined && (options.endpoint !== undefined || options.insecure)
}

function routeTo(
  settings: ClientSettings,
  host: string,
  options: HostSettings | undefined,
  reach: AddressReach,
  plainHttp: boolean,
  isNamed: boolean = true,
): Route {
  const insecure = options?.endpoint === undefined && (plainHttp || options?.insecure === true)
  return {
    host,
    base: options?.endpoint ?? new URL(`${insecure ? 'http' : 'https'}://${host}`),
    mapped: options?.endpoint !== undefined,
    plainHttp: insecure,
    reach,
    transport: options?.transport ?? settings.transport,
    certificateAuthority: options?.certificateAuthority,
    clientCertificate: options?.clientCertificate,
    isNamed,
    acceptAnyName: options?.allowInsecure === true,
  }
}

type LinkErrorCode = Extract<RegistryErrorCode, 'REGISTRY_REALM_REFUSED' | 'REGISTRY_REDIRECT_REFUSED'>

/** Where a URL of a server leads. */
export interface Target {
  readonly route: Route
  readonly url: URL
  /** Whether this is the registry itself, which may see the credential of the registry. */
  readonly sameOrigin: boolean
}

/**
 * Returns where a URL leads that a server sent (a realm or a redirect), if it may be followed.
 *
 * The server chooses such a URL. It must not leave HTTPS, contain a password, or lead to an internal address, unless
 * that is the registry itself or a host that the options name.
 *
 * @param from the URL that relative ones refer to: the registry, or what redirected
 * @param code whether it is a realm or a redirect, and the code of the error
 * @throws RegistryError with the given code
 */
export function linkedTarget(
  settings: ClientSettings,
  registry: Route,
  from: URL,
  text: string,
  code: LinkErrorCode,
): Target {
  const url = URL.parse(text, from.href)
  const refused = (reason: string): RegistryError => {
    const shown = url === null ? '' : ` (\`${printableText(redactUrl(url).href, MAX_PRINTED_LENGTH)}\`)`
    return new RegistryError(code, `\`${registry.host}\` refers to a URL${shown} that ${reason}`)
  }
  if (text.length > MAX_HEADER_LENGTH) throw refused(`has more than ${MAX_HEADER_LENGTH} characters`)
  if (url === null) throw refused('cannot be parsed')
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refused(`has the scheme \`${url.protocol}\`, expected https or http`)
  if (url.username !== '' || url.password !== '') throw refused('contains a user name or password')
  url.hash = ''
  const target = targetOf(settings, registry, url, code === 'REGISTRY_REALM_REFUSED')
  if (target === undefined) throw refused('has an invalid host')
  // Plain HTTP must be named in the options, and never follows HTTPS.
  if (
    target.url.protocol === 'http:' &&
    (from.protocol === 'https:' || target.url.origin !== target.route.base.origin)
  ) {
    throw refused(
      from.protocol === 'https:'
        ? `uses plain HTTP, which never follows HTTPS`
        : `uses plain HTTP; \`hosts['${target.route.host}'].insecure\` allows it`,
    )
  }
  return target
}

function targetOf(settings: ClientSettings, registry: Route, url: URL, isRealm: boolean): Target | undefined {
  if (url.origin === registry.base.origin) return { route: registry, url, sameOrigin: true }
  const host = canonicalHost(url.host)
  if (host === undefined) return undefined
  if (host === registry.host)
    return { route: registry, url: registry.mapped ? rebase(url, registry.base) : url, sameOrigin: registry.mapped }
  for (const [name, options] of settings.hosts) {
    if (name !== host && options.endpoint?.origin !== url.origin) continue
    const route = routeTo(settings, name, options, 'any', false)
    return { route, url: name === host && route.mapped ? rebase(url, route.base) : url, sameOrigin: false }
  }
  const isListed = settings.hosts.get(registry.host)?.tokenServers.has(host) === true
  // A token server of the same owner may be where registries may be: a self-hosted GitLab is inside, with both.
  const isOwn = isRealm && isTokenServerOf(registry.host, host)
  const reach = isListed ? 'any' : isOwn ? settings.registryReach : 'public'
  return { route: routeTo(settings, host, undefined, reach, false, isListed || isOwn), url, sameOrigin: false }
}

/** Returns the same path and query below another base. */
function rebase(url: URL, base: URL): URL {
  return new URL(`${baseText(base)}${url.pathname}${url.search}`)
}

/** Returns a base without a trailing slash. */
export function baseText(base: URL): string {
  return base.origin + (base.pathname === '/' ? '' : base.pathname)
}
