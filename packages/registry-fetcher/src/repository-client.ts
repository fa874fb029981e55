import { createAuthorizer } from './authorizer.ts'
import type { Authorizer } from './authorizer.ts'
import { checkCredential } from './authorization.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import type { Memo } from './memo.ts'
import { isNotTls } from './network-error.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import { isSchemeSettled, registryRoute } from './route.ts'
import type { Route } from './route.ts'
import { send } from './send.ts'
import type { Answered, SendContext } from './send.ts'
import type { TokenCache } from './token-cache.ts'
import type { TransportAnswer } from './transport.ts'

/** Asks one repository, with whatever authorization it wants. */
export interface RepositoryClient {
  /** `path` is below `/v2/<repository>/`, or an absolute URL of the registry's own. */
  ask<T>(question: Question<T>, signal: AbortSignal): Promise<Answered<T>>
  /** The URL of a path, as requests are made to it. */
  urlOf(path: string): URL
}

export interface Question<T> {
  readonly url: URL
  readonly accept?: string
  readonly read: (answer: TransportAnswer) => Promise<T>
}

export interface RepositoryParts {
  readonly context: SendContext
  readonly repository: Repository
  readonly credentials: CredentialProvider
  readonly cache: TokenCache
  readonly memo: Memo
  readonly memoKey: string
  /** A policy allows plain HTTP; it is spoken where nobody answers in TLS. */
  readonly allowPlainHttp: boolean
}

export function createRepositoryClient(parts: RepositoryParts): RepositoryClient {
  const { context, repository, memo, memoKey } = parts
  const { settings } = context
  let route = registryRoute(settings, repository.host)
  const mayGoPlain = parts.allowPlainHttp && !isSchemeSettled(settings, repository.host)
  const authorizers = new Map<Route, Authorizer>()

  async function authorizerFor(current: Route, signal: AbortSignal): Promise<Authorizer> {
    // Asked for first, as upstream: a credential that cannot be read is an error also where none would be wanted.
    const credential = await memo.share(`credential ${memoKey}`, signal, (shared) =>
      readCredential(parts.credentials, repository, shared),
    )
    const known = authorizers.get(current)
    if (known !== undefined) return known
    const made = createAuthorizer({
      ...parts,
      route: current,
      credential,
      memoKey: `${memoKey} ${current.base.origin}`,
    })
    authorizers.set(current, made)
    return made
  }

  async function askOver<T>(
    current: Route,
    { url, accept, read }: Question<T>,
    signal: AbortSignal,
  ): Promise<Answered<T>> {
    const authorizer = await authorizerFor(current, signal)
    const attempt = (authorization: string | undefined): Promise<Answered<T>> =>
      send(context, {
        method: 'GET',
        url: onRoute(url, current),
        shownUrl: shownUrl(url, current),
        route: current,
        registry: current,
        headers: accept === undefined ? {} : { accept },
        authorization,
        followRedirects: true,
        read,
        signal,
      })
    let shown = authorizer.present()
    let answered = await attempt(shown)
    // Once for being asked at all, and once more where a remembered token had lapsed.
    for (
      let left = shown === undefined ? 1 : 2;
      left > 0 && answered.kind === 'refusal' && answered.status === 401;
      left--
    ) {
      const better = await authorizer.meetChallenge(answered.header('www-authenticate'), shown, signal)
      if (better === undefined) break
      shown = better
      answered = await attempt(shown)
    }
    return answered
  }

  return {
    urlOf: (path) => new URL(`${below(route.base)}/v2/${repository.path}/${path}`),
    async ask<T>(question: Question<T>, signal: AbortSignal): Promise<Answered<T>> {
      const timed = AbortSignal.any([signal, AbortSignal.timeout(settings.limits.requestMs)])
      const current = route
      try {
        return await askOver(current, question, timed)
      } catch (error) {
        if (!mayGoPlain || current.plainHttp || !isNotTls(error)) throw error
        if (route === current) route = registryRoute(settings, repository.host, true)
        return askOver(route, question, timed)
      }
    },
  }
}

function below(base: URL): string {
  return base.origin + (base.pathname === '/' ? '' : base.pathname)
}

/** The same question over the scheme that turned out to be spoken. */
function onRoute(url: URL, { base }: Route): URL {
  return url.origin === base.origin ? url : new URL(`${base.origin}${url.pathname}${url.search}`)
}

/** The URL below `https://<host>` (or `http:`), also where the requests for a host go to an endpoint instead. */
function shownUrl(url: URL, { base, shownBase }: Route): URL {
  return new URL(shownBase + url.pathname.slice(base.pathname === '/' ? 0 : base.pathname.length) + url.search)
}

async function readCredential(
  provider: CredentialProvider,
  { name, host }: Repository,
  signal: AbortSignal,
): Promise<Credential> {
  try {
    return checkCredential(await provider.credentialFor(name, signal))
  } catch (error) {
    if (error instanceof RegistryError) throw error
    // The provider's own words may hold what they should not.
    throw new RegistryError('REGISTRY_CREDENTIALS_INVALID', `the credential for \`${host}\` could not be had`, {
      cause: error,
    })
  }
}
