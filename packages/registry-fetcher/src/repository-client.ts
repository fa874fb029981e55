import { withLinkedSignal } from '@verify-images/primitives'
import { createAuthorizer } from './authorizer.ts'
import type { Authorizer } from './authorizer.ts'
import { ANONYMOUS, checkCredential, credentialHash } from './credentials.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import { createGreeter } from './greeter.ts'
import type { Greeting } from './greeter.ts'
import { mayHide, settleHidden } from './hidden-answer.ts'
import { isNotTls } from './network-error.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import { baseText, isSchemeSettled, registryRoute } from './route.ts'
import type { Route } from './route.ts'
import { send } from './send.ts'
import type { Answer, SendContext } from './send.ts'
import type { SharedWork } from './shared-work.ts'
import { ownChallenge } from './status-answer.ts'
import type { StatusAnswer } from './status-answer.ts'
import type { TokenCache } from './token-cache.ts'
import type { TransportAnswer } from './transport.ts'

/** Sends requests to one repository, with the authorization that it asks for. */
export interface RepositoryClient {
  readonly repository: Repository
  readonly context: SendContext
  get<T>(request: RepositoryRequest<T>, signal: AbortSignal): Promise<Answer<T>>
  /** Returns the URL of a path below `/v2/<repository>/`. */
  urlOf(path: string): URL
  /**
   * Returns a name for what the answers depend on, beside the options of the client: the registry, the repository, the
   * credential and whether plain HTTP is allowed.
   *
   * @throws RegistryError when the credential could not be read
   */
  access(signal: AbortSignal): Promise<string>
}

export interface RepositoryRequest<T> {
  readonly url: URL
  readonly accept?: string
  /** Whether reading it proves that the credential may read the repository. */
  readonly provesAccess?: true
  /** Reads a manifest of the repository, after which a 404 hides nothing from the credential. */
  readonly proveAccess?: ((signal: AbortSignal) => Promise<unknown>) | undefined
  /** Returns a 404 although it may hide something: the caller asks for a manifest next, which settles it. */
  readonly returnsUnproven?: true
  readonly mayRedirectTo?: (target: URL) => boolean
  readonly read: (answer: TransportAnswer) => Promise<T>
}

export interface RepositoryParts {
  readonly context: SendContext
  readonly repository: Repository
  readonly credentials: CredentialProvider
  readonly cache: TokenCache
  readonly sharedCredentials: SharedWork<Credential>
  readonly sharedTokens: SharedWork<string | undefined>
  readonly greetings: SharedWork<Greeting>
  /** Distinguishes the entries of this client in the shared work of the session. */
  readonly key: string
  /** A policy allows plain HTTP; it is used if the server does not speak TLS. */
  readonly allowPlainHttp: boolean
}

export function createRepositoryClient(parts: RepositoryParts): RepositoryClient {
  const { context, repository, key } = parts
  const { settings } = context
  let route = registryRoute(settings, repository.host)
  const host = settings.hosts.get(repository.host)
  const mayUsePlainHttp =
    (parts.allowPlainHttp || host?.allowInsecure === true) && !isSchemeSettled(settings, repository.host)
  const withholds = (current: Route): boolean =>
    current.plainHttp && host?.allowInsecure === true && !host.sendPlainCredentials
  const authorizers = new Map<Route, Authorizer>()

  const greeter = createGreeter(context, parts.greetings)

  function ownCredential(signal: AbortSignal): Promise<Credential> {
    return parts.sharedCredentials.run(key, signal, (shared) => readCredential(parts.credentials, repository, shared))
  }

  async function authorizerFor(
    current: Route,
    signal: AbortSignal,
  ): Promise<{ readonly authorizer: Authorizer; readonly hasCredential: boolean; readonly isWithheld: boolean }> {
    // Read before the first request, as go-containerregistry does: a credential that cannot be read is an error even if
    // none is needed.
    const found = await ownCredential(signal)
    const credential = withholds(current) ? ANONYMOUS : found
    const authorizer =
      authorizers.get(current) ??
      createAuthorizer({ ...parts, route: current, credential, key: `${key} ${current.base.origin}` })
    authorizers.set(current, authorizer)
    return { authorizer, hasCredential: credential.kind !== 'anonymous', isWithheld: credential.kind !== found.kind }
  }

  async function getOver<T>(current: Route, request: RepositoryRequest<T>, signal: AbortSignal): Promise<Answer<T>> {
    const { authorizer, hasCredential, isWithheld } = await authorizerFor(current, signal)
    const attempt = async (authorization: string | undefined): Promise<Answer<T>> => {
      const answer = await send(context, {
        method: 'GET',
        url: onRoute(request.url, current),
        route: current,
        registry: current,
        headers: request.accept === undefined ? {} : { accept: request.accept },
        authorization,
        followRedirects: true,
        mayRedirectTo: request.mayRedirectTo,
        read: request.read,
        signal,
      })
      if (answer.kind === 'body' && request.provesAccess === true) authorizer.confirm(authorization)
      return answer.kind === 'body' ? answer : { ...answer, shown: shownTo(authorization, hasCredential) }
    }
    let sent = authorizer.current()
    let answer = await attempt(sent)
    // One challenge for a first request, and one more if a remembered token has expired.
    for (let left = sent === undefined ? 1 : 2; left > 0 && answer.kind === 'status' && answer.status === 401; left--) {
      const challenge = ownChallenge(answer)
      const next = challenge === undefined ? undefined : await authorizer.answerChallenge(challenge, sent, signal)
      if (next === undefined) break
      sent = next
      answer = await attempt(sent)
    }
    if (answer.kind === 'body') return answer
    if (isWithheld && hides(answer, request)) throw withheld(answer, current)
    return hasCredential && mayHide(answer)
      ? settleHidden({ sent, answer, attempt, request }, current, authorizer, greeter, signal)
      : answer
  }

  return {
    repository,
    context,
    access: async (signal) => {
      const hash = credentialHash(await ownCredential(signal))
      const { href } = registryRoute(settings, repository.host).base
      return `${href} ${mayUsePlainHttp ? 'or-http ' : ''}${repository.name} ${hash}`
    },
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

/** Returns whether a registry that was not shown the credential may have answered otherwise to it. */
function hides<T>(answer: StatusAnswer, { returnsUnproven }: RepositoryRequest<T>): boolean {
  return answer.status === 401 || (mayHide(answer) && !(answer.status === 404 && returnsUnproven === true))
}

function withheld({ status, detail }: StatusAnswer, { host }: Route): RegistryError {
  return new RegistryError(
    'REGISTRY_UNAUTHORIZED',
    `\`${host}\` answered ${detail.method} ${detail.url} with status ${status}, and its credential is not sent over plain` +
      ` HTTP; \`hosts['${host}'].sendPlainCredentials\` (\`--insecure-credentials\` on the command line) sends it`,
    { status },
  )
}

function shownTo(authorization: string | undefined, hasCredential: boolean): StatusAnswer['shown'] {
  if (!hasCredential) return 'no-credential'
  return authorization === undefined ? 'credential-withheld' : 'credential'
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
