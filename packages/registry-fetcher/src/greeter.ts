import { createHash } from 'node:crypto'
import { baseText } from './route.ts'
import type { Route } from './route.ts'
import { send } from './send.ts'
import type { Answer, SendContext } from './send.ts'
import type { SharedWork } from './shared-work.ts'
import { ownChallenge, statusError } from './status-answer.ts'

/** Requests `/v2/` of a registry, which is where some registries ask for a log-in and nowhere else. */
export interface Greeter {
  /** Returns the challenge of `/v2/`; undefined if there is none. One request per registry and session. */
  challengeOf(route: Route, signal: AbortSignal): Promise<string | undefined>
  /**
   * Whether `/v2/` accepts an `Authorization` header. One request per registry, header and session.
   *
   * @throws RegistryError `REGISTRY_REDIRECT_REFUSED` if it redirects to another place: that may be a log-in page
   */
  accepts(route: Route, authorization: string, signal: AbortSignal): Promise<boolean>
}

export type Greeting = Answer<undefined>

/** @see OCI Distribution Specification 1.1, "Determining Support" */
export function createGreeter(context: SendContext, greetings: SharedWork<Greeting>): Greeter {
  function greet(route: Route, authorization: string | undefined, signal: AbortSignal): Promise<Greeting> {
    const shown = authorization === undefined ? '' : createHash('sha256').update(authorization).digest('base64')
    const url = new URL(`${baseText(route.base)}/v2/`)
    return greetings.run(`${route.base.href} ${shown}`, signal, async (shared) => {
      const greeting = await send<undefined>(context, {
        method: 'GET',
        url,
        route,
        registry: route,
        headers: {},
        authorization,
        followRedirects: true,
        ...(authorization !== undefined && { mayRedirectTo: (target) => isSamePlace(target, url) }),
        read: async (answer) => void answer.discard(),
        signal: shared,
      })
      if (greeting.kind === 'status' && (greeting.status === 429 || greeting.status >= 500))
        throw statusError(greeting, `\`${route.host}\``)
      return greeting
    })
  }
  return {
    async challengeOf(route, signal) {
      const greeting = await greet(route, undefined, signal)
      return greeting.kind === 'status' && greeting.status === 401 ? ownChallenge(greeting) : undefined
    },
    accepts: async (route, authorization, signal) => (await greet(route, authorization, signal)).kind === 'body',
  }
}

/** A log-in page answers with 200, too, which does not mean that the registry accepts anything. */
function isSamePlace(target: URL, url: URL): boolean {
  return target.origin === url.origin && withSlash(target.pathname) === withSlash(url.pathname)
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}
