import { withLinkedSignal } from '@verify-images/primitives'
import { createAuthorizer } from './authorizer.ts'
import type { Authorizer } from './authorizer.ts'
import { ANONYMOUS, checkCredential, credentialHash } from './credentials.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import { createGreeter } from './greeter.ts'
import type { Greeting } from './greeter.ts'
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
   * Returns a name for everything that the answers depend on: the client, the registry, the repository, the credential
   * and whether plain HTTP is allowed.
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
    return { authorizer, hasCredential: credential.kind !== 'anonymous', isWithheld: credential !== found }
  }

  async function getOver<T>(
    current: Route,
    { url, accept, read, provesAccess, mayRedirectTo }: RepositoryRequest<T>,
    signal: AbortSignal,
  ): Promise<Answer<T>> {
    const { authorizer, hasCredential, isWithheld } = await authorizerFor(current, signal)
    const attempt = (authorization: string | undefined): Promise<Answer<T>> =>
      send(context, {
        method: 'GET',
        url: onRoute(url, current),
        route: current,
        registry: current,
        headers: accept === undefined ? {} : { accept },
        authorization,
        followRedirects: true,
        mayRedirectTo,
        read,
        signal,
      })
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
    if (answer.kind === 'body') {
      if (provesAccess === true) authorizer.confirm(sent)
      return answer
    }
    if (isWithheld && WANTS_CREDENTIAL.has(answer.status)) throw withheld(answer, current)
    return hasCredential && mayHide(answer) && !authorizer.isConfirmed(sent)
      ? logIn(current, authorizer, { sent, answer, attempt, provesAccess }, signal)
      : answer
  }

  /**
   * Repeats a request after logging in at `/v2/`.
   *
   * Some registries hide what an anonymous caller may not read, with 404, and challenge at `/v2/` only. A signature
   * that is hidden is not a missing one, so a 404 counts only if the registry accepts the credential.
   */
  async function logIn<T>(
    current: Route,
    authorizer: Authorizer,
    { sent, answer, attempt, provesAccess }: HiddenAnswer<T>,
    signal: AbortSignal,
  ): Promise<Answer<T>> {
    let next = sent
    if (!authorizer.isAnswer(sent)) {
      const challenge = await greeter.challengeOf(current, signal)
      next = challenge === undefined ? undefined : await authorizer.logIn(challenge, sent, signal)
    }
    if (next === undefined) {
      if (answer.status === 404) throw notBelieved(answer, current, 'it asks for no credential that is configured')
      return answer
    }
    const repeated = next === sent ? answer : await attempt(next)
    if (repeated.kind === 'body') {
      if (provesAccess === true) authorizer.confirm(next)
    } else if (repeated.status === 404 && !authorizer.isConfirmed(next)) {
      if (!(await greeter.accepts(current, next, signal)))
        throw notBelieved(repeated, current, 'it refuses the configured credential')
      authorizer.confirm(next)
    }
    return repeated
  }

  return {
    repository,
    context,
    access: async (signal) => {
      const hash = credentialHash(await ownCredential(signal))
      const { href } = registryRoute(settings, repository.host).base
      return `${settings.id} ${href} ${mayUsePlainHttp ? 'or-http ' : ''}${repository.name} ${hash}`
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

/** What a registry answers to a caller that is not logged in, as far as it hides nothing with 404. */
const WANTS_CREDENTIAL: ReadonlySet<number> = new Set([401, 403])

function withheld({ status, detail }: StatusAnswer, { host }: Route): RegistryError {
  return new RegistryError(
    'REGISTRY_UNAUTHORIZED',
    `\`${host}\` answered ${detail.method} ${detail.url} with status ${status}, and its credential is not sent over plain` +
      ` HTTP; \`hosts['${host}'].sendPlainCredentials\` (\`--insecure-credentials\` on the command line) sends it`,
    { status },
  )
}

interface HiddenAnswer<T> {
  readonly sent: string | undefined
  readonly answer: StatusAnswer
  readonly attempt: (authorization: string | undefined) => Promise<Answer<T>>
  readonly provesAccess: true | undefined
}

/** Whether an answer may be different after a log-in. */
function mayHide(answer: StatusAnswer): boolean {
  return answer.status === 403 || answer.status === 404 || (answer.status === 401 && ownChallenge(answer) === undefined)
}

function notBelieved({ status, detail }: StatusAnswer, { host }: Route, why: string): RegistryError {
  return new RegistryError(
    'REGISTRY_UNAUTHORIZED',
    `\`${host}\` answered ${detail.method} ${detail.url} with status ${status}, which proves nothing: ${why}`,
    { status },
  )
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
