import type { Digest, EvaluationBudget } from '@verify-images/primitives'
import { createAccounting } from './accounting.ts'
import type { RequestRecord, SessionCost } from './accounting.ts'
import type { Descriptor, ManifestNotFound, ReferrerListing, StoredManifest } from '@verify-images/primitives'
import type { RegistryCache } from './cache/registry-cache.ts'
import { repositoryReads } from './cache/repository-reads.ts'
import type { ClientSettings } from './client-options.ts'
import type { CredentialProvider } from './credentials.ts'
import { MAX_KEPT_BLOB_BYTES } from './limits.ts'
import { createView } from './session-view.ts'
import { createSharedWork } from './shared-work.ts'
import type { SessionEnd } from './shared-work.ts'
import type { TokenCache } from './token-cache.ts'

/**
 * The registries as one evaluation sees them: each manifest, blob and listing is fetched once, failures included (a
 * blob again, when more than `MAX_KEPT_BLOB_BYTES` have come since), and the requests, bytes and duration of all of
 * them are limited. Repositories are named `host[:port]/path`. Without a `signal` a call waits until the session ends.
 */
export interface RegistrySession {
  /**
   * Returns the manifest at a tag or digest; its bytes have that digest.
   *
   * @throws RegistryError when it could not be fetched; "there is no such manifest" is a value
   */
  fetchManifest(repository: string, reference: string, signal?: AbortSignal): Promise<StoredManifest | ManifestNotFound>
  /**
   * Returns the bytes of a blob as stored (nothing is decompressed), with the size and digest of the descriptor.
   *
   * @throws RegistryError `REGISTRY_RESPONSE_TOO_LARGE` without a request when the descriptor's size exceeds
   *   `maxBytes`; …
   */
  fetchBlob(repository: string, blob: Descriptor, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array>
  /** Returns the referrers of a manifest, of every artifact type: the filters of registries are not relied upon. */
  listReferrers(repository: string, subject: Digest, signal?: AbortSignal): Promise<ReferrerListing>
  /**
   * Returns the same session with other credentials instead of the client's. Calls with the same key share what they
   * fetched; what one credential can read is not visible to another.
   *
   * @param provider the client's credentials if undefined
   * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
   */
  withCredentials(provider: CredentialProvider | undefined, view: CredentialView): RegistrySession
  readonly cost: SessionCost
  /** The requests that were sent, in order. */
  readonly requests: readonly RequestRecord[]
}

export interface CredentialView {
  /** Names the credentials within the session. */
  readonly key: string
  /**
   * Allows plain HTTP for hosts that do not speak TLS (`allowInsecureRegistry` of a policy). HTTPS is tried first, and
   * a certificate that is not trusted stays an error.
   */
  readonly insecure?: boolean
}

export function createSession(
  settings: ClientSettings,
  cache: TokenCache,
  end: SessionEnd,
  { budget, caches }: { readonly budget: EvaluationBudget; readonly caches: readonly RegistryCache[] },
): RegistrySession {
  return createView(
    {
      settings,
      accounting: createAccounting(budget),
      cache,
      reads: repositoryReads(caches),
      views: new Map(),
      manifests: createSharedWork(end),
      blobs: createSharedWork(end, { maxBytes: MAX_KEPT_BLOB_BYTES, bytesOf: ({ length }: Uint8Array) => length }),
      referrers: createSharedWork(end),
      sharedCredentials: createSharedWork(end),
      sharedTokens: createSharedWork(end),
      greetings: createSharedWork(end),
    },
    {
      name: 'client',
      credentialsFor: ({ host }) => settings.hosts.get(host)?.credentials ?? settings.credentials,
      insecure: false,
    },
  )
}
