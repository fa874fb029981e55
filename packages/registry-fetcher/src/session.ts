import {
  aBoolean,
  anAbortSignal,
  aString,
  type Digest,
  isDigest,
  isObject,
  type OptionKind,
  type OptionTable,
} from '@verify-images/primitives'
import type { Descriptor, ManifestNotFound, ReferrerListing, StoredManifest } from '@verify-images/primitives'
import { createAccounting } from './accounting.ts'
import type { RequestRecord, SessionCost } from './accounting.ts'
import { aProvider, checkOptions, checkValue } from './check-options.ts'
import type { ClientSettings } from './client-options.ts'
import type { CredentialProvider } from './credentials.ts'
import { isSize } from './descriptor.ts'
import { fetchBlob } from './fetch-blob.ts'
import { fetchManifest } from './fetch-manifest.ts'
import { listReferrers } from './list-referrers.ts'
import { createMemo } from './memo.ts'
import type { Memo } from './memo.ts'
import { atPlace, RegistryError } from './registry-error.ts'
import { checkReference, parseRepository } from './repository.ts'
import type { Repository } from './repository.ts'
import { createRepositoryClient } from './repository-client.ts'
import type { RepositoryClient } from './repository-client.ts'
import type { SendContext } from './send.ts'
import type { TokenCache } from './token-cache.ts'
import { shown } from './shown.ts'

/**
 * The registries as one evaluation sees them: each thing is fetched once, also one that failed; requests, bytes and time
 * are bounded in all. Repositories are named `host[:port]/path`. Whoever gives no signal waits until the session ends.
 */
export interface RegistrySession {
  /**
   * The manifest at a tag or digest; its bytes have that digest.
   *
   * @throws RegistryError when it could not be looked at; "there is none" is a value
   */
  fetchManifest(repository: string, reference: string, signal?: AbortSignal): Promise<StoredManifest | ManifestNotFound>
  /**
   * The bytes of a blob, as stored (nothing is unpacked), of the size and digest that the descriptor says.
   *
   * @throws RegistryError `REGISTRY_RESPONSE_TOO_LARGE` before asking when the descriptor's size is over `maxBytes`; …
   */
  fetchBlob(repository: string, blob: Descriptor, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array>
  /** What refers to a manifest, whatever its type: registries' own filters are not relied upon. */
  listReferrers(repository: string, subject: Digest, signal?: AbortSignal): Promise<ReferrerListing>
  /**
   * The same session with other credentials; the client's own are then not used. Calls with the same key share what they
   * fetched; what one credential may read is not shown to another.
   *
   * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
   */
  withCredentials(provider: CredentialProvider | undefined, view: CredentialView): RegistrySession
  readonly cost: SessionCost
  /** What was asked, in order. */
  readonly requests: readonly RequestRecord[]
}

export interface CredentialView {
  /** Names the credentials within the session. */
  readonly key: string
  /**
   * Plain HTTP is accepted from hosts that speak no TLS (`allowInsecureRegistry` of a policy). HTTPS is tried first, and
   * a certificate that is not trusted stays an error.
   */
  readonly insecure?: boolean
}

/** A key that is forgotten would be one with every other forgotten key, and so would what their credentials may read. */
const CREDENTIAL_VIEW: OptionTable<CredentialView> = { key: aString, insecure: aBoolean }

const aDescriptor: OptionKind = {
  expected: 'a descriptor with a string `digest`',
  fits: (value) => isObject(value) && aString.fits(value['digest']),
}

interface SessionParts {
  readonly context: SendContext
  readonly cache: TokenCache
  readonly memo: Memo
  readonly signal: AbortSignal
}

interface View {
  /** Differs between views, and from the client's own. */
  readonly name: string
  readonly credentialsFor: (repository: Repository) => CredentialProvider
  readonly insecure: boolean
}

export function createSession(settings: ClientSettings, cache: TokenCache, signal: AbortSignal): RegistrySession {
  const parts: SessionParts = {
    context: { settings, accounting: createAccounting(settings.limits) },
    cache,
    memo: createMemo(),
    signal,
  }
  const views = new Map<string, RegistrySession>()
  return viewOf(parts, views, {
    name: 'own',
    credentialsFor: ({ host }) => settings.hosts.get(host)?.credentials ?? settings.credentials,
    insecure: false,
  })
}

function viewOf(parts: SessionParts, views: Map<string, RegistrySession>, view: View): RegistrySession {
  const { context, memo } = parts
  const clients = new Map<string, RepositoryClient>()
  const joined = new WeakMap<AbortSignal, AbortSignal>()

  function clientFor(repository: Repository): RepositoryClient {
    const known = clients.get(repository.name)
    if (known !== undefined) return known
    const made = createRepositoryClient({
      ...parts,
      repository,
      credentials: view.credentialsFor(repository),
      memoKey: `${view.name} ${repository.name}`,
      allowPlainHttp: view.insecure,
    })
    clients.set(repository.name, made)
    return made
  }

  /** The caller's signal and ours; callers have one for all they ask, and joining costs more than an answer that is there. */
  function untilEither(signal: AbortSignal | undefined): AbortSignal {
    if (signal === undefined) return parts.signal
    checkValue(signal, anAbortSignal, 'signal')
    const known = joined.get(signal)
    if (known !== undefined) return known
    const either = AbortSignal.any([signal, parts.signal])
    joined.set(signal, either)
    return either
  }

  /** Work that is done once in the session, and whose errors say what it was about. */
  function once<T>(
    kind: string,
    place: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return placed(place, () =>
      memo.share(`${kind} ${view.name} ${place}`, untilEither(signal), async (shared) =>
        work(AbortSignal.any([shared, parts.signal])),
      ),
    )
  }

  const session: RegistrySession = {
    async fetchManifest(name, reference, signal) {
      const repository = parseRepository(name)
      checkReference(reference)
      return once('manifest', placeOf(repository, reference), signal, (shared) =>
        fetchManifest(context, clientFor(repository), repository, reference, shared),
      )
    },
    async fetchBlob(name, blob, maxBytes, signal) {
      const repository = parseRepository(name)
      checkValue(blob, aDescriptor, 'blob')
      const { digest, size } = blob
      const place = placeOf(repository, shown(digest, 160))
      return placed(place, async () => {
        checkBlob(digest, size, maxBytes)
        return once(`blob ${size}`, place, signal, (shared) =>
          fetchBlob(context, clientFor(repository), repository, { digest, size }, shared),
        )
      })
    },
    async listReferrers(name, subject, signal) {
      const repository = parseRepository(name)
      if (!isDigest(subject)) checkReference('')
      return once('referrers', placeOf(repository, subject), signal, (shared) =>
        listReferrers(
          context,
          clientFor(repository),
          repository,
          subject,
          (tag) => session.fetchManifest(repository.name, tag, shared),
          shared,
        ),
      )
    },
    withCredentials(provider, options) {
      if (provider !== undefined) checkValue(provider, aProvider, 'provider')
      checkOptions(options, CREDENTIAL_VIEW)
      checkValue(options.key, aString, 'key')
      const { key, insecure = false } = options
      const name = JSON.stringify([key, insecure])
      const known = views.get(name)
      if (known !== undefined) return known
      const made = viewOf(parts, views, {
        name,
        credentialsFor: provider === undefined ? view.credentialsFor : () => provider,
        insecure,
      })
      views.set(name, made)
      return made
    },
    get cost() {
      return context.accounting.cost()
    },
    get requests() {
      return context.accounting.requests()
    },
  }
  return session
}

function placeOf({ name }: Repository, reference: string): string {
  return `${name}${isDigest(reference) ? '@' : ':'}${reference}`
}

async function placed<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof RegistryError ? atPlace(error, place) : error
  }
}

function checkBlob(digest: string, size: number, maxBytes: number): void {
  if (!isDigest(digest))
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', 'the blob is not named by a digest that can be checked')
  if (!isSize(size))
    throw new RegistryError('REGISTRY_SIZE_MISMATCH', 'the blob has a descriptor whose size is not a whole number')
  // Also where no bound was given.
  if (!(size <= maxBytes))
    throw new RegistryError(
      'REGISTRY_RESPONSE_TOO_LARGE',
      `the blob has ${size} bytes, more than the ${maxBytes} that are taken`,
    )
}
