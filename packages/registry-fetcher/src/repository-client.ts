import { withLinkedSignal } from '@verify-images/primitives'
import { createAuthorizer } from './authorizer.ts'
import type { Authorizer } from './authorizer.ts'
import { checkCredential } from './credentials.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import { isNotTls } from './network-error.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import { baseText, isSchemeSettled, registryRoute } from './route.ts'
import type { Route } from './route.ts'
import { send } from './send.ts'
import type { Answer, SendContext } from './send.ts'
import type { SharedWork } from './shared-work.ts'
import type { TokenCache } from './token-cache.ts'
import type { TransportAnswer } from './transport.ts'

/** Sends requests to one repository, with the authorization that it asks for. */
export interface RepositoryClient {
  get<T>(request: RepositoryRequest<T>, signal: AbortSignal): Promise<Answer<T>>
  /** Returns the URL of a path below `/v2/<repository>/`. */
  urlOf(path: string): URL
}

export interface RepositoryRequest<T> {
  readonly url: URL
  readonly accept?: string
  readonly read: (answer: TransportAnswer) => Promise<T>
}

export interface RepositoryParts {
  readonly context: SendContext
  readonly repository: Repository
  readonly credentials: CredentialProvider
  readonly cache: TokenCache
  readonly sharedCredentials: SharedWork<Credential>
  readonly sharedTokens: SharedWork<string | undefined>
  /** Distinguishes the entries of this client in the shared work of the session. */
  readonly key: string
  /** A policy allows plain HTTP; it is used if the server does not speak TLS. */
  readonly allowPlainHttp: boolean
}

export function createRepositoryClient(parts: RepositoryParts): RepositoryClient {
  const { context, repository, key } = parts
  const { settings } = context
  let route = registryRoute(settings, repository.host)
  const mayUsePlainHttp = parts.allowPlainHttp && !isSchemeSettled(settings, repository.host)
  const authorizers = new Map<Route, Authorizer>()

  async function authorizerFor(current: Route, signal: AbortSignal): Promise<Authorizer> {
    // Read before the first request, as go-containerregistry does: a credential that cannot be read is an error even if none is needed.
    const credential = await parts.sharedCredentials.run(key, signal, (shared) =>
      readCredential(parts.credentials, repository, shared),
    )
    const known = authorizers.get(current)
    if (known !== undefined) return known
    const made = createAuthorizer({ ...parts, route: current, credential, key: `${key} ${current.base.origin}` })
    authorizers.set(current, made)
    return made
  }

  async function getOver<T>(
    current: Route,
    { url, accept, read }: RepositoryRequest<T>,
    signal: AbortSignal,
  ): Promise<Answer<T>> {
    const authorizer = await authorizerFor(current, signal)
    const attempt = (authorization: string | undefined): Promise<Answer<T>> =>
      send(context, {
        method: 'GET',
        url: onRoute(url, current),
        route: current,
        registry: current,
        headers: accept === undefined ? {} : { accept },
        authorization,
        followRedirects: true,
        read,
        signal,
      })
    let sent = authorizer.current()
    let answer = await attempt(sent)
    // One challenge for a first request, and one more if a remembered token has expired.
    for (let left = sent === undefined ? 1 : 2; left > 0 && answer.kind === 'status' && answer.status === 401; left--) {
      const next = await authorizer.answerChallenge(answer.header('www-authenticate'), sent, signal)
      if (next === undefined) break
      sent = next
      answer = await attempt(sent)
    }
    return answer
  }

  return {
    urlOf: (path) => new URL(`${baseText(route.base)}/v2/${repository.path}/${path}`),
    get: (request, signal) =>
      withLinkedSignal([signal], settings.limits.requestMs, async (timed) => {
        const current = route
        try {
          return await getOver(current, request, timed)
        } catch (error) {
          if (!mayUsePlainHttp || current.plainHttp || !isNotTls(error)) throw error
          if (route === current) route = registryRoute(settings, repository.host, true)
          return getOver(route, request, timed)
        }
      }),
  }
}

/** Returns the same URL with the scheme of the route. */
function onRoute(url: URL, { base }: Route): URL {
  return url.origin === base.origin ? url : new URL(`${base.origin}${url.pathname}${url.search}`)
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
    // The provider's message may contain a secret.
    throw new RegistryError('REGISTRY_CREDENTIALS_INVALID', `the credential provider failed for \`${host}\``, {
      cause: error,
    })
  }
}
