import { anAbortSignal, aPositiveInteger } from '@verify-images/primitives'
import type { OptionTable } from '@verify-images/primitives'

import { checkOptions } from './check-options.ts'
import { readOptions } from './client-options.ts'
import type { RegistryClientOptions } from './client-options.ts'
import { createSession } from './session.ts'
import type { RegistrySession } from './session.ts'
import { createTokenCache } from './token-cache.ts'

export interface SessionOptions {
  readonly signal?: AbortSignal
  /** From now, in place of `limits.sessionMs`. */
  readonly deadlineMs?: number
}

/** Reads from registries. Long-lived: it keeps connections and tokens, and nothing of what was fetched. */
export interface RegistryClient {
  /** Begins one evaluation. @throws RegistryError `REGISTRY_OPTIONS_INVALID` */
  openSession(options?: SessionOptions): RegistrySession
  /** Closes idle connections, which do not keep the process alive. Sessions may go on. */
  close(): void
}

/**
 * A read-only client of OCI registries. Does nothing until a session asks, and nothing but GET requests then, and POST to
 * token servers.
 *
 * Registries are spoken to over HTTPS, anonymously until they ask. Whatever they answer is bounded, checked against its
 * digest, and refused rather than cut short.
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
      const { signal, deadlineMs = settings.limits.sessionMs } = session
      const deadline = AbortSignal.timeout(deadlineMs)
      return createSession(settings, cache, signal === undefined ? deadline : AbortSignal.any([signal, deadline]))
    },
    close: () => settings.ownTransport.close(),
  }
}

/** What timers can count; longer ones would end at once. */
const MAX_DEADLINE_MS = 2 ** 31 - 1

const SESSION_OPTIONS: OptionTable<SessionOptions> = {
  signal: anAbortSignal,
  deadlineMs: {
    expected: `an integer number of milliseconds from 1 to ${MAX_DEADLINE_MS}`,
    fits: (value) => aPositiveInteger.fits(value) && Number(value) <= MAX_DEADLINE_MS,
  },
}
