import {
  aBoolean,
  anAbortSignal,
  aString,
  isDigest,
  isObject,
  printableText,
  type OptionKind,
  type OptionTable,
} from '@verify-images/primitives'
import type { ManifestNotFound, ReferrerListing, StoredManifest } from '@verify-images/primitives'
import type { SessionAccounting } from './accounting.ts'
import { aProvider, checkOptions, checkValue } from './check-options.ts'
import type { RepositoryReads } from './cache/repository-reads.ts'
import type { ClientSettings } from './client-options.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import { isSize } from './descriptor.ts'
import type { Greeting } from './greeter.ts'
import { atPlace, RegistryError } from './registry-error.ts'
import { checkReference, parseRepository } from './repository.ts'
import type { Repository } from './repository.ts'
import { createRepositoryClient } from './repository-client.ts'
import type { RepositoryClient } from './repository-client.ts'
import type { CredentialView, RegistrySession } from './session.ts'
import type { SharedWork } from './shared-work.ts'
import type { TokenCache } from './token-cache.ts'

/** Shared by all views of a session. */
export interface SessionParts {
  readonly settings: ClientSettings
  readonly accounting: SessionAccounting
  readonly cache: TokenCache
  readonly reads: RepositoryReads
  readonly views: Map<string, RegistrySession>
  readonly manifests: SharedWork<StoredManifest | ManifestNotFound>
  readonly blobs: SharedWork<Uint8Array>
  readonly referrers: SharedWork<ReferrerListing>
  readonly sharedCredentials: SharedWork<Credential>
  readonly sharedTokens: SharedWork<string | undefined>
  readonly greetings: SharedWork<Greeting>
}

/** The credentials that a session is used with. */
export interface View {
  /** Unique among the views of a session. */
  readonly name: string
  readonly credentialsFor: (repository: Repository) => CredentialProvider
  readonly insecure: boolean
}

/** A view without a key would share what other credentials can read. */
const CREDENTIAL_VIEW: OptionTable<CredentialView> = { key: aString, insecure: aBoolean }

const aDescriptor: OptionKind = {
  expected: 'a descriptor with a string `digest`',
  fits: (value) => isObject(value) && aString.fits(value['digest']),
}

/** Returns a session as seen with the credentials of a view. */
export function createView(parts: SessionParts, view: View): RegistrySession {
  const { settings, accounting, reads, views } = parts
  const clients = new Map<string, RepositoryClient>()

  function clientFor(repository: Repository): RepositoryClient {
    const known = clients.get(repository.name)
    if (known !== undefined) return known
    const made = createRepositoryClient({
      ...parts,
      context: { settings, accounting: accounting.forRepository(repository.name), repository: repository.name },
      repository,
      credentials: view.credentialsFor(repository),
      key: `${view.name} ${repository.name}`,
      allowPlainHttp: view.insecure,
    })
    clients.set(repository.name, made)
    return made
  }

  /** Runs work once in the session; its errors name the place. */
  function once<T>(
    shared: SharedWork<T>,
    place: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
    size: number = 0,
  ): Promise<T> {
    return withPlace(place, async () => {
      if (signal !== undefined) checkValue(signal, anAbortSignal, 'signal')
      return shared.run(`${view.name} ${place} ${size}`, signal, work)
    })
  }

  const session: RegistrySession = {
    async fetchManifest(name, reference, signal) {
      const repository = parseRepository(name)
      checkReference(reference)
      return once(parts.manifests, placeOf(repository, reference), signal, (shared) =>
        reads.manifest(clientFor(repository), reference, shared),
      )
    },
    async fetchBlob(name, blob, maxBytes, signal) {
      const repository = parseRepository(name)
      checkValue(blob, aDescriptor, 'blob')
      const { digest, size } = blob
      const place = placeOf(repository, printableText(digest, 160))
      await withPlace(place, async () => checkBlob(digest, size, maxBytes))
      const fetch = (shared: AbortSignal): Promise<Uint8Array> =>
        reads.blob(clientFor(repository), { digest, size }, shared)
      return once(parts.blobs, place, signal, fetch, size)
    },
    async listReferrers(name, subject, signal) {
      const repository = parseRepository(name)
      if (!isDigest(subject)) checkReference('')
      return once(parts.referrers, placeOf(repository, subject), signal, (shared) =>
        reads.referrers(
          clientFor(repository),
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
      const made = createView(parts, {
        name,
        credentialsFor: provider === undefined ? view.credentialsFor : () => provider,
        insecure,
      })
      views.set(name, made)
      return made
    },
    get cost() {
      return accounting.cost()
    },
    get requests() {
      return accounting.requests()
    },
  }
  return session
}

function placeOf({ name }: Repository, reference: string): string {
  return `${name}${isDigest(reference) ? '@' : ':'}${reference}`
}

async function withPlace<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof RegistryError ? atPlace(error, place) : error
  }
}

function checkBlob(digest: string, size: number, maxBytes: number): void {
  if (!isDigest(digest))
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', 'invalid descriptor: expected a digest of a known algorithm')
  if (!isSize(size))
    throw new RegistryError('REGISTRY_SIZE_MISMATCH', 'invalid descriptor: expected `size` to be an exact integer')
  // Also true when `maxBytes` is not a number.
  if (!(size <= maxBytes))
    throw new RegistryError(
      'REGISTRY_RESPONSE_TOO_LARGE',
      `the blob is too large: expected at most ${maxBytes} bytes, got ${size}`,
    )
}
