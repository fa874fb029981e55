import { randomBytes } from 'node:crypto'
import type { LoggedRequest } from './loopback-registry.ts'
import { json, refusal, type Answer } from './registry-answer.ts'
import type { RegistryProfile } from './registry-profiles.ts'

/** Who may read a registry that is like another one. */
export interface RegistryLogIn {
  readonly username: string
  readonly password: string
}

/** Where the honest answer is, and where if that is 404. */
export interface HonestPath {
  readonly path: string
  readonly otherwise?: string
}

/** Answers as the registry of a profile does, or gives the path whose honest answer stands. */
export type LikeRegistry = (request: LoggedRequest, endpoint: string) => Answer | HonestPath

export function makeLogIn(): RegistryLogIn {
  return { username: 'user', password: randomBytes(12).toString('hex') }
}

/**
 * Returns the log-in and the oddities of a registry: what a client meets before it gets the honest answer.
 *
 * @see Distribution, "Token authentication specification"
 */
export function likeRegistry(profile: RegistryProfile, { username, password }: RegistryLogIn): LikeRegistry {
  const { logIn, stranger } = profile
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  /** By token, the repository that it is for. */
  const tokens = new Map<string, string>()

  function isLoggedIn({ headers: { authorization = '' } }: LoggedRequest, pathname: string): boolean {
    if (logIn.kind === 'password') return authorization === basic
    const repository = tokens.get(authorization.replace(/^Bearer /, ''))
    return repository !== undefined && (pathname === '/v2/' || pathname.startsWith(`/v2/${repository}/`))
  }

  function issue(request: LoggedRequest, url: URL, { member, refusal: status }: TokenLogIn): Answer {
    if (request.headers.authorization !== basic) return refusal(status, status === 403 ? 'DENIED' : 'UNAUTHORIZED')
    const repository = /^repository:(.+):pull$/.exec(url.searchParams.get('scope') ?? '')?.[1] ?? ''
    const issued = randomBytes(16).toString('hex')
    tokens.set(issued, repository)
    return json(200, { [member]: issued, expires_in: 300 })
  }

  function turnAway(pathname: string, endpoint: string): Answer {
    if (pathname !== '/v2/' && stranger === 'not-found') return refusal(404, 'NAME_UNKNOWN')
    const challenge =
      logIn.kind === 'password'
        ? 'Basic realm="registry"'
        : `Bearer realm="${endpoint}${logIn.path}",service="registry"`
    return refusal(401, 'UNAUTHORIZED', { 'www-authenticate': challenge })
  }

  return (request, endpoint) => {
    const url = new URL(request.path, endpoint)
    if (logIn.kind === 'token' && url.pathname === logIn.path) return issue(request, url, logIn)
    if (url.pathname.startsWith(STORAGE)) return { path: url.pathname.slice(STORAGE.length) }
    if (!isLoggedIn(request, url.pathname)) return turnAway(url.pathname, endpoint)
    return withOddities(profile, url)
  }
}

type TokenLogIn = Extract<RegistryProfile['logIn'], { readonly kind: 'token' }>

const STORAGE = '/storage'

function withOddities({ referrers, blobs, fallbackTagIsSubject }: RegistryProfile, url: URL): ReturnType<LikeRegistry> {
  const [, route, reference = ''] = /\/(manifests|blobs|referrers)\/([^/]+)$/.exec(url.pathname) ?? []
  if (route === 'referrers' && referrers === 'absent') return refusal(404, 'MANIFEST_UNKNOWN')
  if (route === 'blobs' && blobs === 'redirected')
    return { status: 307, headers: { location: `${STORAGE}${url.pathname}` }, body: Buffer.alloc(0) }
  const isFallbackTag = route === 'manifests' && /^sha256-[0-9a-f]{64}$/.test(reference)
  return {
    path: `${url.pathname}${url.search}`,
    ...(isFallbackTag && fallbackTagIsSubject && { otherwise: url.pathname.replace('sha256-', 'sha256:') }),
  }
}
