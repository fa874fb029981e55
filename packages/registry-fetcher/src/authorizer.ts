import { basicHeader } from './authorization.ts'
import { parseChallenges } from './challenge.ts'
import type { Credential } from './credentials.ts'
import type { Memo } from './memo.ts'
import type { Repository } from './repository.ts'
import type { Route } from './route.ts'
import type { SendContext } from './send.ts'
import { tokenKey } from './token-cache.ts'
import type { TokenCache } from './token-cache.ts'
import { requestToken } from './token-request.ts'

/** The `Authorization` of one session's requests to one repository. */
export interface Authorizer {
  /** What to show unasked: nothing, until the repository has been seen to want something. */
  present(): string | undefined
  /**
   * What to show after a 401, given its challenge and what was shown; undefined if there is nothing better.
   *
   * @throws RegistryError when a token is wanted and cannot be had
   */
  meetChallenge(
    challenge: string | undefined,
    shown: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined>
}

export interface AuthorizerParts {
  readonly context: SendContext
  readonly route: Route
  readonly repository: Repository
  readonly credential: Credential
  readonly cache: TokenCache
  readonly memo: Memo
  /** Tells the memo's entries of this authorizer from those of others. */
  readonly memoKey: string
}

/**
 * Requests that are challenged at once share one token, and one failure to get it. A token that is refused is replaced by
 * a new one, also once for all.
 */
export function createAuthorizer({
  context,
  route,
  repository,
  credential,
  cache,
  memo,
  memoKey,
}: AuthorizerParts): Authorizer {
  const key = tokenKey(route.base.origin, repository, credential)
  let latest = fromCache()
  let generation = 0

  function fromCache(): string | undefined {
    const known = cache.get(key)
    return known?.kind === 'token' ? `Bearer ${known.token}` : known && ownHeader(credential)
  }

  async function obtain(header: string, signal: AbortSignal): Promise<string | undefined> {
    const challenges = parseChallenges(header)
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer !== undefined && credential.kind !== 'bearer') {
      const { token, lifetimeMs } = await requestToken(context, route, repository, bearer, credential, signal)
      cache.set(key, { kind: 'token', token }, lifetimeMs)
      return `Bearer ${token}`
    }
    const wanted = challenges.some(({ scheme }) => scheme === (credential.kind === 'bearer' ? 'bearer' : 'basic'))
    const own = wanted ? ownHeader(credential) : undefined
    if (own !== undefined) cache.set(key, { kind: 'credential' }, Infinity)
    return own
  }

  return {
    present: () => latest,
    async meetChallenge(challenge, shown, signal): Promise<string | undefined> {
      // Meanwhile another request may have got a newer one.
      if (latest !== undefined && latest !== shown) return latest
      if (latest !== undefined) {
        latest = undefined
        generation++
        cache.delete(key)
      }
      const got = await memo.share(`token ${memoKey} ${generation}`, signal, (shared) =>
        obtain(challenge ?? '', shared),
      )
      if (got === shown) return undefined
      latest = got
      return got
    },
  }
}

/** What the credential shows by itself. */
function ownHeader(credential: Credential): string | undefined {
  if (credential.kind === 'basic') return basicHeader(credential)
  return credential.kind === 'bearer' ? `Bearer ${credential.token}` : undefined
}
