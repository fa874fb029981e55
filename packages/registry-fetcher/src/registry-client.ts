import {
  anAbortSignal,
  aPositiveInteger,
  arrayOf,
  createEvaluationBudget,
  withMethods,
} from '@verify-images/primitives'
import type { EvaluationBudget, OptionTable } from '@verify-images/primitives'

import type { RegistryCache } from './cache/registry-cache.ts'
import { checkOptions } from './check-options.ts'
import { readOptions } from './client-options.ts'
import type { ClientSettings, RegistryClientOptions } from './client-options.ts'
import type { RegistryLimits } from './limits.ts'
import { createSession } from './session.ts'
import type { RegistrySession } from './session.ts'
import { createTokenCache } from './token-cache.ts'

export interface SessionOptions {
  readonly signal?: AbortSignal
  /** Duration of the session from now, instead of `limits.sessionMs`. */
  readonly deadlineMs?: number
  /** Requests and bytes that the session may spend, also together with others. Default: 5000 requests, 512 MiB. */
  readonly budget?: EvaluationBudget
  /** Asked in this order before the registry, and filled with what it answers. Default: none. */
  readonly caches?: readonly RegistryCache[]
}

/** A client of OCI registries. Long-lived: it keeps connections and tokens; what was fetched is kept by caches. */
export interface RegistryClient {
  /** Starts a session, for one evaluation. It needs no closing. @throws RegistryError `REGISTRY_OPTIONS_INVALID` */
  openSession(options?: SessionOptions): RegistrySession
  /** Closes idle connections, which do not keep the process alive. Sessions can still be used. */
  close(): void
}

/**
 * Creates a read-only client of OCI registries. It sends GET requests for what a session fetches, and POST requests to
 * token servers.
 *
 * Requests use HTTPS, and are anonymous until the registry sends a challenge. Answers are limited in size, checked
 * against their digests, and refused rather than truncated.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 * @see OCI Distribution Specification 1.1
 * @example
 * const client = createRegistryClient({ credentials: dockerConfig(text) })
 * const session = client.openSession({ deadlineMs: 10_000 })
 * const manifest = await session.fetchManifest('ghcr.io/acme/app', '1.2', signal)
 */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const settings = readOptions(options)
  const cache = createTokenCache(settings.limits)
  return {
    openSession(session = {}): RegistrySession {
      checkOptions(session, SESSION_OPTIONS)
      const { signal, deadlineMs = settings.limits.sessionMs, budget = createEvaluationBudget(), caches = [] } = session
      return createSession(
        { ...settings, limits: withinDeadline(settings, deadlineMs) },
        cache,
        { signal, deadline: performance.now() + deadlineMs },
        { budget, caches },
      )
    },
    close: () => settings.ownTransport.close(),
  }
}

/**
 * Returns the limits of a session. Unless they are set, the timeouts grow with the deadline: a registry that needs 12 s
 * for an answer is usable by who allows a minute, and one slow answer does not use up all of it.
 */
export function withinDeadline({ limits, setTimeouts }: ClientSettings, deadlineMs: number): RegistryLimits {
  const grown = (name: 'idleMs' | 'requestMs', share: number): number =>
    setTimeouts.has(name) ? limits[name] : Math.max(limits[name], Math.ceil(deadlineMs * share))
  return { ...limits, idleMs: grown('idleMs', 1 / 2), requestMs: grown('requestMs', 2 / 3) }
}

/** The longest delay of a timer; a longer one would end at once. */
const MAX_DEADLINE_MS = 2 ** 31 - 1

const SESSION_OPTIONS: OptionTable<SessionOptions> = {
  signal: anAbortSignal,
  budget: withMethods('an evaluation budget', 'spend'),
  caches: arrayOf(withMethods('a registry cache', 'ageOf')),
  deadlineMs: {
    expected: `an integer number of milliseconds from 1 to ${MAX_DEADLINE_MS}`,
    fits: (value) => aPositiveInteger.fits(value) && Number(value) <= MAX_DEADLINE_MS,
  },
}
