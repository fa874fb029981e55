import { parseChallenges } from './challenge.ts'
import { basicHeader } from './credentials.ts'
import type { Credential } from './credentials.ts'
import type { Repository } from './repository.ts'
import type { Route } from './route.ts'
import type { SendContext } from './send.ts'
import type { SharedWork } from './shared-work.ts'
import { tokenKey } from './token-cache.ts'
import type { TokenCache } from './token-cache.ts'
import { requestToken } from './token-request.ts'

/** The `Authorization` header of the requests of one session to one repository. */
export interface Authorizer {
  /** Returns what to send without a challenge; undefined until the repository has asked for something. */
  current(): string | undefined
  /**
   * Returns what to send after a 401, given its challenge and what was sent; undefined if there is nothing else.
   *
   * @throws RegistryError when a token is required and cannot be obtained
   */
  answerChallenge(challenge: string, sent: string | undefined, signal: AbortSignal): Promise<string | undefined>
  /** Like `answerChallenge`, for the challenge of `/v2/`; may return what was sent. */
  logIn(challenge: string, sent: string | undefined, signal: AbortSignal): Promise<string | undefined>
  /** Whether what was sent answers a challenge of this session, and not only of an earlier one. */
  isAnswer(sent: string | undefined): boolean
  /** Whether what was sent has read a manifest of the repository in this session: then a 404 hides nothing. */
  isConfirmed(sent: string | undefined): boolean
  confirm(sent: string | undefined): void
}

export interface AuthorizerParts {
  readonly context: SendContext
  readonly route: Route
  readonly repository: Repository
  readonly credential: Credential
  readonly cache: TokenCache
  readonly sharedTokens: SharedWork<string | undefined>
  /** Distinguishes the tokens of this authorizer in the shared work of the session. */
  readonly key: string
}

/**
 * Requests that are challenged at the same time share one token, and one failure to obtain it. A token that is refused
 * is replaced, once for all of them.
 */
export function createAuthorizer({
  context,
  route,
  repository,
  credential,
  cache,
  sharedTokens,
  key,
}: AuthorizerParts): Authorizer {
  const cacheKey = tokenKey(route.base.origin, repository, credential)
  let latest = fromCache()
  let generation = 0
  let answer: string | undefined
  let confirmed: string | undefined

  function fromCache(): string | undefined {
    const known = cache.get(cacheKey)
    return known?.kind === 'token' ? `Bearer ${known.token}` : known && credentialHeader(credential)
  }

  async function obtain(header: string, signal: AbortSignal): Promise<string | undefined> {
    const challenges = parseChallenges(header)
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer !== undefined && credential.kind !== 'bearer') {
      const { token, lifetimeMs } = await requestToken(context, route, repository, bearer, credential, signal)
      cache.set(cacheKey, { kind: 'token', token }, lifetimeMs)
      return `Bearer ${token}`
    }
    const isWanted = challenges.some(({ scheme }) => scheme === (credential.kind === 'bearer' ? 'bearer' : 'basic'))
    const own = isWanted ? credentialHeader(credential) : undefined
    if (own !== undefined) cache.set(cacheKey, { kind: 'credential' }, Infinity)
    return own
  }

  /** Replaces what was sent, unless another request has obtained something newer meanwhile. */
  async function replace(
    challenge: string,
    sent: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (latest !== undefined && latest !== sent) return latest
    if (latest !== undefined) {
      latest = undefined
      generation++
      cache.delete(cacheKey)
    }
    answer = await sharedTokens.run(`${key} ${generation}`, signal, (shared) => obtain(challenge, shared))
    return answer
  }

  return {
    current: () => latest,
    async answerChallenge(challenge, sent, signal): Promise<string | undefined> {
      const obtained = await replace(challenge, sent, signal)
      if (obtained === sent) return undefined
      latest = obtained
      return obtained
    },
    async logIn(challenge, sent, signal): Promise<string | undefined> {
      latest = await replace(challenge, sent, signal)
      return latest
    },
    isAnswer: (sent) => sent !== undefined && sent === answer,
    isConfirmed: (sent) => sent !== undefined && sent === confirmed,
    confirm(sent): void {
      confirmed = sent
    },
  }
}

/** Returns the header of a credential that needs no token. */
function credentialHeader(credential: Credential): string | undefined {
  if (credential.kind === 'basic') return basicHeader(credential)
  return credential.kind === 'bearer' ? `Bearer ${credential.token}` : undefined
}
