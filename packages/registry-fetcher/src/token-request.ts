import { isObject, parseStrictJson } from '@verify-images/primitives'
import { readBody } from './body.ts'
import type { Challenge } from './challenge.ts'
import { basicHeader, isToken } from './credentials.ts'
import type { Credential } from './credentials.ts'
import { MAX_TOKEN_ANSWER_TOKENS } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import { linkedTarget } from './route.ts'
import type { Route, Target } from './route.ts'
import { isTokenServerOf } from './token-server.ts'
import { send } from './send.ts'
import type { SendContext } from './send.ts'
import { statusError } from './status-answer.ts'

export interface Token {
  readonly token: string
  readonly lifetimeMs: number
}

/** The lifetime of a token whose answer states none. @see Distribution, "Token authentication specification" */
const DEFAULT_LIFETIME_MS = 60_000

/**
 * Requests a token for pulling from one repository, from the token server that the challenge of the registry names.
 *
 * The registry chooses that server. It receives the credential only if it is the registry itself, has the same
 * registrable domain, or is listed in `tokenServers`; and the scope is never more than pulling from this repository,
 * for any challenge.
 *
 * @throws RegistryError `REGISTRY_REALM_REFUSED`, `REGISTRY_UNAUTHORIZED`, `REGISTRY_RESPONSE_INVALID`, …
 * @see Distribution, "Token authentication specification" and "OAuth2 token authentication"
 */
export async function requestToken(
  context: SendContext,
  registry: Route,
  repository: Repository,
  challenge: Challenge,
  credential: Credential,
  signal: AbortSignal,
): Promise<Token> {
  const target = realmTarget(context, registry, challenge.parameters.get('realm'), credential)
  const service = challenge.parameters.get('service')
  const query: [string, string][] = [
    ['scope', `repository:${repository.path}:pull`],
    ...(service === undefined ? [] : [['service', service] satisfies [string, string]]),
  ]
  const { limits } = context.settings
  const url = new URL(target.url)
  if (credential.kind !== 'identity-token') for (const [name, value] of query) url.searchParams.set(name, value)
  const form = new URLSearchParams([...query, ['grant_type', 'refresh_token'], ['client_id', 'verify-images']])
  if (credential.kind === 'identity-token') form.set('refresh_token', credential.token)
  const answer = await send(context, {
    ...(credential.kind === 'identity-token' ? { method: 'POST', body: form.toString() } : { method: 'GET' }),
    url,
    route: target.route,
    registry,
    headers: {
      accept: 'application/json',
      ...(credential.kind === 'identity-token' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    authorization: credential.kind === 'basic' ? basicHeader(credential) : undefined,
    followRedirects: false,
    read: async (ok) =>
      parseToken(
        await readBody(ok, {
          maxBytes: limits.tokenBytes,
          what: 'the token answer',
          onPart: (part) => context.accounting.countBytes(part.length),
        }),
      ),
    signal,
  })
  if (answer.kind === 'status') throw statusError(answer, `the token server \`${target.url.host}\``)
  return answer.value
}

function realmTarget(
  { settings }: SendContext,
  registry: Route,
  realm: string | undefined,
  credential: Credential,
): Target {
  if (URL.parse(realm ?? '') === null)
    throw new RegistryError(
      'REGISTRY_REALM_REFUSED',
      `\`${registry.host}\` asks for a token: expected a URL as \`realm\``,
    )
  const target = linkedTarget(settings, registry, registry.base, realm ?? '', 'REGISTRY_REALM_REFUSED')
  if (credential.kind === 'anonymous' || target.sameOrigin) return target
  const { host } = target.route
  const isTrusted =
    (target.route === registry && target.url.host === registry.base.host) ||
    (realm?.toLowerCase().startsWith('https:') === true && isTokenServerOf(registry.host, host)) ||
    settings.hosts.get(registry.host)?.tokenServers.has(host) === true
  if (isTrusted) return target
  throw new RegistryError(
    'REGISTRY_REALM_REFUSED',
    `\`${registry.host}\` refers to the token server \`${host}\`, which may not receive its credential;` +
      ` list it under \`hosts['${registry.host}'].tokenServers\` to allow it` +
      ` (\`--token-server ${registry.host}=${host}\` on the command line)`,
  )
}

function parseToken(bytes: Uint8Array): Token {
  let value: unknown
  try {
    value = parseStrictJson(bytes, { maxTokens: MAX_TOKEN_ANSWER_TOKENS })
  } catch {
    throw tokenInvalid('expected JSON')
  }
  if (!isObject(value)) throw tokenInvalid('expected a JSON object')
  const own = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined)
  const token = own('token') || own('access_token')
  if (typeof token !== 'string' || !isToken(token))
    throw tokenInvalid('expected a `token` or `access_token` of visible ASCII characters')
  const seconds = own('expires_in')
  return {
    token,
    lifetimeMs:
      typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_LIFETIME_MS,
  }
}

function tokenInvalid(reason: string): RegistryError {
  return new RegistryError('REGISTRY_RESPONSE_INVALID', `invalid token answer: ${reason}`)
}
