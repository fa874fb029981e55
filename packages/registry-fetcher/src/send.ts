import type { RegistryAnswerDetail } from '@verify-images/primitives'
import { pause, throwIfAborted } from './abort.ts'
import type { Accounting } from './accounting.ts'
import { readErrorBody } from './body.ts'
import type { ClientSettings } from './client-options.ts'
import { networkError } from './network-error.ts'
import { RegistryError } from './registry-error.ts'
import { isPassingFault, isPassingStatus, retryDelay } from './retry.ts'
import { linkedTarget } from './route.ts'
import type { Route } from './route.ts'
import type { TransportAnswer } from './transport.ts'
import { readAnswerErrors, redactUrl } from './shown.ts'

/** What all requests of a session share. */
export interface SendContext {
  readonly settings: ClientSettings
  readonly accounting: Accounting
}

export interface SendRequest<T> {
  readonly method: 'GET' | 'POST'
  /** Where the request starts. Its origin is the only one that is shown `authorization`. */
  readonly url: URL
  readonly route: Route
  /** `url` as the caller asked for it: a host that is mapped to an endpoint keeps its own name. */
  readonly shownUrl: URL
  /** The registry the request is made for; redirects are judged by it. */
  readonly registry: Route
  readonly headers: Readonly<Record<string, string>>
  readonly authorization?: string | undefined
  readonly body?: string
  readonly followRedirects: boolean
  /** Reads the body of an answer with status 200. What it throws is not tried again, but for a broken connection. */
  readonly read: (answer: TransportAnswer) => Promise<T>
  readonly signal: AbortSignal
}

export type Answered<T> = { readonly kind: 'read'; readonly value: T } | Refusal

/** Any answer that is not 200. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly detail: RegistryAnswerDetail
}

/**
 * One request with its further tries and redirects.
 *
 * Tries are bounded, and none is made where the registry asks for a longer wait than we have. Redirects are bounded,
 * checked one by one, and take no credentials along to another origin.
 *
 * @throws RegistryError for faults below HTTP, refused redirects, spent budgets, and what `read` throws
 */
export async function send<T>(context: SendContext, request: SendRequest<T>): Promise<Answered<T>> {
  const { limits } = context.settings
  for (let tried = 1; ; tried++) {
    let answered: Answered<T> | undefined
    try {
      answered = await follow(context, request)
    } catch (error) {
      if (!isPassingFault(error) || request.signal.aborted || tried >= limits.tries) throw error
    }
    if (
      answered !== undefined &&
      (answered.kind === 'read' || !isPassingStatus(answered.status) || tried >= limits.tries)
    )
      return answered
    const delay = retryDelay(tried, answered?.header, limits)
    if (answered !== undefined && delay === undefined) return answered
    await pause(delay ?? 0, request.signal)
  }
}

async function follow<T>(context: SendContext, request: SendRequest<T>): Promise<Answered<T>> {
  const { settings, accounting } = context
  let { url, route } = request
  for (let redirects = 0; ; redirects++) {
    throwIfAborted(request.signal)
    try {
      const answer = await exchange(context, request, url, route)
      if (answer.status === 200) return { kind: 'read', value: await request.read(answer) }
      const body = await readErrorBody(answer, settings.limits.errorBodyBytes, accounting.countBytes)
      const location = isRedirect(answer.status) ? answer.header('location') : undefined
      if (location === undefined) {
        return {
          kind: 'refusal',
          status: answer.status,
          header: answer.header,
          detail: {
            kind: 'registry-answer',
            method: request.method,
            url: shownUrl(request, url),
            status: answer.status,
            errors: readAnswerErrors(body),
          },
        }
      }
      if (!request.followRedirects) throw redirectRefused(route, 'although none is followed here')
      if (redirects >= settings.limits.redirects)
        throw redirectRefused(route, `more than ${settings.limits.redirects} times`)
      ;({ url, route } = linkedTarget(settings, request.registry, url, location, 'REGISTRY_REDIRECT_REFUSED'))
    } catch (error) {
      const { host, mapped } = route
      throw networkError(error, {
        host,
        mapped,
        method: request.method,
        url: shownUrl(request, url),
        signal: request.signal,
      })
    }
  }
}

function redirectRefused({ host }: Route, how: string): RegistryError {
  return new RegistryError('REGISTRY_REDIRECT_REFUSED', `\`${host}\` redirects ${how}`)
}

function exchange<T>(
  { settings: { limits }, accounting }: SendContext,
  request: SendRequest<T>,
  url: URL,
  route: Route,
): Promise<TransportAnswer> {
  const { pathname, search } = redactUrl(url)
  const finished = accounting.beginRequest(request.method, route.host, pathname + search)
  const { authorization } = request
  return route.transport
    .send({
      method: request.method,
      url,
      headers: {
        ...request.headers,
        // What is hashed must be what was sent; and unpacking is an attack surface.
        'accept-encoding': 'identity',
        'user-agent': 'verify-images',
        ...(authorization !== undefined && url.origin === request.url.origin ? { authorization } : {}),
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      reach: route.reach,
      ...(route.certificateAuthority === undefined ? {} : { certificateAuthority: route.certificateAuthority }),
      connectMs: limits.connectMs,
      idleMs: limits.idleMs,
      signal: request.signal,
    })
    .then((answer) => {
      finished(answer.status)
      return answer
    })
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/** The URL of a request as it is shown: that of the first one as the caller asked for it, those of redirects as they are. */
function shownUrl<T>({ url: start, shownUrl }: SendRequest<T>, url: URL): string {
  return redactUrl(url.href === start.href ? shownUrl : url).href
}
