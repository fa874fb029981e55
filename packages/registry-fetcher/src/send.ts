import { printableText } from '@verify-images/primitives'
import { pause, throwIfAborted } from './abort.ts'
import type { Accounting } from './accounting.ts'
import { readErrorBody } from './body.ts'
import type { ClientSettings } from './client-options.ts'
import { MAX_PRINTED_LENGTH } from './limits.ts'
import { networkError } from './network-error.ts'
import { redactUrl } from './redact-url.ts'
import { RegistryError } from './registry-error.ts'
import { isTransientFault, isTransientStatus, retryDelay } from './retry.ts'
import { linkedTarget } from './route.ts'
import type { Route } from './route.ts'
import { parseAnswerErrors } from './status-answer.ts'
import type { StatusAnswer } from './status-answer.ts'
import type { TransportAnswer } from './transport.ts'

/** Shared by all requests of a session. */
export interface SendContext {
  readonly settings: ClientSettings
  readonly accounting: Accounting
  /** The repository that the requests are made for, `host/path`. */
  readonly repository: string
}

export interface SendRequest<T> {
  readonly method: 'GET' | 'POST'
  /** The first URL. Only its origin receives `authorization`. */
  readonly url: URL
  readonly route: Route
  /** The registry that the request is made for; it decides which redirects are allowed. */
  readonly registry: Route
  readonly headers: Readonly<Record<string, string>>
  readonly authorization?: string | undefined
  readonly body?: string
  readonly followRedirects: boolean
  /** Which redirects may be followed, besides the checks that apply to all; the others are errors. */
  readonly mayRedirectTo?: ((target: URL) => boolean) | undefined
  /** Reads the body of an answer with status 200. What it throws is not retried, except for a broken connection. */
  readonly read: (answer: TransportAnswer) => Promise<T>
  readonly signal: AbortSignal
}

export type Answer<T> = { readonly kind: 'body'; readonly value: T } | StatusAnswer

/**
 * Sends one request, with its retries and redirects.
 *
 * There are at most `limits.tries` attempts, and no further one when the registry asks for a longer wait than the
 * limit. Redirects are limited, checked one by one, and send no credential to another origin.
 *
 * @throws RegistryError for faults below HTTP, refused redirects, exceeded limits, and what `read` throws
 */
export async function send<T>(context: SendContext, request: SendRequest<T>): Promise<Answer<T>> {
  const { limits } = context.settings
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt >= limits.tries
    let answer: Answer<T> | undefined
    try {
      answer = await follow(context, request)
    } catch (error) {
      if (isLast || !isTransientFault(error) || request.signal.aborted) throw error
    }
    if (answer !== undefined && (isLast || answer.kind === 'body' || !isTransientStatus(answer.status))) return answer
    const delay = retryDelay(attempt, answer?.header, limits)
    if (answer !== undefined && delay === undefined) return answer
    await pause(delay ?? 0, request.signal)
  }
}

async function follow<T>(context: SendContext, request: SendRequest<T>): Promise<Answer<T>> {
  const { settings, accounting } = context
  const { method, signal } = request
  let { url, route } = request
  for (let redirects = 0; ; redirects++) {
    throwIfAborted(signal)
    try {
      const answer = await exchange(context, request, url, route)
      const { status, header } = answer
      if (status === 200) return { kind: 'body', value: await request.read(answer) }
      const body = await readErrorBody(answer, settings.limits.errorBodyBytes, accounting.countBytes)
      const location = REDIRECTS.has(status) ? header('location') : undefined
      if (location === undefined) {
        const errors = parseAnswerErrors(body)
        const detail = { kind: 'registry-answer', method, url: redactUrl(url).href, status, errors } as const
        return { kind: 'status', status, header, sameOrigin: url.origin === request.url.origin, detail }
      }
      if (!request.followRedirects) throw redirectRefused(route, `a token request to ${shownTarget(location, url)}`)
      if (redirects >= settings.limits.redirects)
        throw redirectRefused(
          route,
          `more than ${settings.limits.redirects} times, at last to ${shownTarget(location, url)}`,
        )
      const target = linkedTarget(settings, request.registry, url, location, 'REGISTRY_REDIRECT_REFUSED')
      if (request.mayRedirectTo?.(target.url) === false)
        throw redirectRefused(route, `to another place, ${shownTarget(location, url)}`)
      ;({ url, route } = target)
    } catch (error) {
      throw networkError(error, { host: route.host, method, url: redactUrl(url).href, signal })
    }
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

function redirectRefused({ host }: Route, how: string): RegistryError {
  return new RegistryError('REGISTRY_REDIRECT_REFUSED', `\`${host}\` redirects ${how}`)
}

/** Returns where a redirect leads, without what may be secret. */
function shownTarget(location: string, from: URL): string {
  const url = URL.parse(location, from.href)
  return url === null ? 'a URL that cannot be parsed' : `\`${printableText(redactUrl(url).href, MAX_PRINTED_LENGTH)}\``
}

async function exchange<T>(
  { settings: { limits }, accounting, repository }: SendContext,
  request: SendRequest<T>,
  url: URL,
  route: Route,
): Promise<TransportAnswer> {
  const { pathname, search } = redactUrl(url)
  const recordStatus = accounting.beginRequest(request.method, route.host, pathname + search)
  const { authorization } = request
  const answer = await route.transport.send({
    method: request.method,
    url,
    repository,
    headers: {
      ...request.headers,
      // The bytes that are hashed must be those that were sent; and decompression is an attack surface.
      'accept-encoding': 'identity',
      'user-agent': 'verify-images',
      ...(authorization !== undefined && url.origin === request.url.origin ? { authorization } : {}),
    },
    ...(request.body === undefined ? {} : { body: request.body }),
    reach: route.reach,
    ...(route.certificateAuthority === undefined ? {} : { certificateAuthority: route.certificateAuthority }),
    ...(route.clientCertificate && { clientCertificate: route.clientCertificate }),
    isNamed: route.isNamed,
    acceptAnyName: route.acceptAnyName,
    connectMs: limits.connectMs,
    idleMs: limits.idleMs,
    signal: request.signal,
  })
  recordStatus(answer.status)
  return answer
}
