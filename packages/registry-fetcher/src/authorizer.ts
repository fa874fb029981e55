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
  answerChallenge(
    challenge: string | undefined,
    sent: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined>
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
 * Requests that are challenged at the same time share one token, and one failure to obtain it. A token that is refused is
 * replaced, once for all of them.
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

  return {
    current: () => latest,
    async answerChallenge(challenge, sent, signal): Promise<string | undefined> {
      // Another request may have obtained a newer token meanwhile.
      if (latest !== undefined && latest !== sent) return latest
      if (latest !== undefined) {
        latest = undefined
        generation++
        cache.delete(cacheKey)
      }
      const obtained = await sharedTokens.run(`${key} ${generation}`, signal, (shared) =>
        obtain(challenge ?? '', shared),
      )
      if (obtained === sent) return undefined
      latest = obtained
      return obtained
    },
  }
}

/** Returns the header of a credential that needs no token. */
function credentialHeader(credential: Credential): string | undefined {
  if (credential.kind === 'basic') return basicHeader(credential)
  return credential.kind === 'bearer' ? `Bearer ${credential.token}` : undefined
}
