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
}

/** The challenge of `/v2/`. */
export type Greeting = string | undefined

/** @see OCI Distribution Specification 1.1, "Determining Support" */
export function createGreeter(context: SendContext, greetings: SharedWork<Greeting>): Greeter {
  async function greet(route: Route, signal: AbortSignal): Promise<Greeting> {
    const greeting: Answer<undefined> = await send<undefined>(context, {
      method: 'GET',
      url: new URL(`${baseText(route.base)}/v2/`),
      route,
      registry: route,
      headers: {},
      followRedirects: true,
      read: async (answer) => void answer.discard(),
      signal,
    })
    if (greeting.kind === 'body') return undefined
    if (greeting.status === 429 || greeting.status >= 500) throw statusError(greeting, `\`${route.host}\``)
    return greeting.status === 401 ? ownChallenge(greeting) : undefined
  }
  return {
    challengeOf: (route, signal) => greetings.run(route.base.href, signal, (shared) => greet(route, shared)),
  }
}
