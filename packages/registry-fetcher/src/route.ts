import { canonicalHost } from '@verify-images/image-matcher'
import type { AddressReach } from '@verify-images/primitives'
import type { ClientSettings, HostSettings } from './client-options.ts'
import { MAX_HEADER_LENGTH } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistryErrorCode } from './registry-error.ts'
import type { Transport } from './transport.ts'

/** How one host is reached. */
export interface Route {
  /** `host[:port]` as references name it. */
  readonly host: string
  /** Scheme, authority and maybe a path, which requests are made below. */
  readonly base: URL
  /** What `base` stands in for: `https://host`, or `http://host` where that is spoken. */
  readonly shownBase: string
  /** The embedder sends this host's requests elsewhere. */
  readonly mapped: boolean
  readonly plainHttp: boolean
  readonly reach: AddressReach
  readonly transport: Transport
  readonly certificateAuthority: string | undefined
}

/**
 * The way to the registry a reference names. Plain HTTP is never chosen by address: only where the embedder wrote it, or
 * with `plainHttp`, for which a policy has asked.
 */
export function registryRoute(settings: ClientSettings, host: string, plainHttp: boolean = false): Route {
  const named = settings.hosts.get(host)
  return routeTo(settings, host, named, named === undefined ? settings.registryReach : 'any', plainHttp)
}

/** Whether the options settle how this host is spoken to, so that a policy cannot. */
export function isSchemeSettled(settings: ClientSettings, host: string): boolean {
  const named = settings.hosts.get(host)
  return named !== undefined && (named.endpoint !== undefined || named.insecure)
}

function routeTo(
  settings: ClientSettings,
  host: string,
  named: HostSettings | undefined,
  reach: AddressReach,
  plainHttp: boolean,
): Route {
  const insecure = named?.endpoint === undefined && (plainHttp || named?.insecure === true)
  const shownBase = `${insecure ? 'http' : 'https'}://${host}`
  return {
    host,
    base: named?.endpoint ?? new URL(shownBase),
    shownBase,
    mapped: named?.endpoint !== undefined,
    plainHttp: insecure,
    reach,
    transport: named?.transport ?? settings.transport,
    certificateAuthority: named?.certificateAuthority,
  }
}

export interface Target {
  readonly route: Route
  readonly url: URL
  /** Whether this is the registry itself, which may see the registry's credentials. */
  readonly sameOrigin: boolean
}

/**
 * Where a URL leads that a server gave (realm, redirect), if that may be followed at all.
 *
 * Such a URL is the server's choice, not ours: it may not leave HTTPS, hold a password, or reach further inward than the
 * public network, unless it leads to the registry itself or to a host that the embedder has named.
 *
 * @param from the registry, or what redirected
 * @throws RegistryError with the given code
 */
export function linkedTarget(
  settings: ClientSettings,
  registry: Route,
  from: URL,
  text: string,
  code: RegistryErrorCode,
): Target {
  const refused = (reason: string): RegistryError =>
    new RegistryError(code, `\`${registry.host}\` points to another place, which ${reason}`)
  if (text.length > MAX_HEADER_LENGTH) throw refused('is named at too great a length')
  const url = URL.parse(text, from.href)
  if (url === null) throw refused('is not a URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('is not spoken to over HTTP')
  if (url.username !== '' || url.password !== '') throw refused('is named with a password')
  url.hash = ''
  const target = placeOf(settings, registry, url)
  if (target === undefined) throw refused('is not a host')
  // What is spoken to over plain HTTP was written so in the options, and is never come down to from HTTPS.
  if (
    target.url.protocol === 'http:' &&
    (from.protocol === 'https:' || target.url.origin !== target.route.base.origin)
  ) {
    throw refused('is spoken to over plain HTTP, and was not allowed by name')
  }
  return target
}

function placeOf(settings: ClientSettings, registry: Route, url: URL): Target | undefined {
  if (url.origin === registry.base.origin) return { route: registry, url, sameOrigin: true }
  const host = canonicalHost(url.host)
  if (host === undefined) return undefined
  if (host === registry.host)
    return { route: registry, url: registry.mapped ? rebase(url, registry.base) : url, sameOrigin: registry.mapped }
  for (const [name, written] of settings.hosts) {
    if (name !== host && written.endpoint?.origin !== url.origin) continue
    const route = routeTo(settings, name, written, 'any', false)
    return { route, url: name === host && route.mapped ? rebase(url, route.base) : url, sameOrigin: false }
  }
  const listed = settings.hosts.get(registry.host)?.tokenServers.has(host) === true
  return { route: routeTo(settings, host, undefined, listed ? 'any' : 'public', false), url, sameOrigin: false }
}

function rebase(url: URL, base: URL): URL {
  return new URL(`${base.origin}${base.pathname === '/' ? '' : base.pathname}${url.pathname}${url.search}`)
}
