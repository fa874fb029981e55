import type { Descriptor, Digest, ManifestNotFound, ReferrerListing, StoredManifest } from '@verify-images/primitives'
import { fetchBlob } from '../fetch-blob.ts'
import { fetchManifest } from '../fetch-manifest.ts'
import { listFromApi, listReferrers } from '../list-referrers.ts'
import type { RepositoryClient } from '../repository-client.ts'
import type { RegistryCache } from './registry-cache.ts'

/** What a session reads of a repository: from its registry, or from caches in front of it. */
export interface RepositoryReads {
  manifest(client: RepositoryClient, reference: string, signal: AbortSignal): Promise<StoredManifest | ManifestNotFound>
  blob(client: RepositoryClient, blob: Pick<Descriptor, 'digest' | 'size'>, signal: AbortSignal): Promise<Uint8Array>
  /** @param fallback fetches the manifest at a tag */
  referrers(
    client: RepositoryClient,
    subject: Digest,
    fallback: (tag: string) => Promise<StoredManifest | ManifestNotFound>,
    signal: AbortSignal,
  ): Promise<ReferrerListing>
}

/** Returns reads that ask the caches in this order, and then the registry. */
export function repositoryReads(caches: readonly RegistryCache[]): RepositoryReads {
  const through = async <T>(
    client: RepositoryClient,
    signal: AbortSignal,
    fetch: (signal: AbortSignal) => Promise<T>,
    read: (cache: RegistryCache, access: string, next: typeof fetch) => typeof fetch,
  ): Promise<T> => {
    if (caches.length === 0) return fetch(signal)
    const access = await client.access(signal)
    return caches.reduceRight((next, cache) => read(cache, access, next), fetch)(signal)
  }
  return {
    manifest: (client, reference, signal) =>
      through(
        client,
        signal,
        (own) => fetchManifest(client, reference, own),
        ({ manifests, ageOf }, access, next) =>
          (own) =>
            manifests.read(`${ownKey(client, access)} ${reference}`, ageOf(reference), own, next),
      ),
    // Bytes with a digest do not change, so a blob has no age.
    blob: (client, { digest, size }, signal) =>
      through(
        client,
        signal,
        (own) => fetchBlob(client, { digest, size }, own),
        ({ blobs, shared }, access, next) =>
          (own) =>
            blobs.read(`${ownKey(client, access)} ${digest} ${String(size)}`, Infinity, own, (unkept) =>
              shared === undefined ? next(unkept) : shared.read(access, { digest, size }, unkept, next),
            ),
      ),
    referrers: (client, subject, fallback, signal) =>
      listReferrers(
        subject,
        () =>
          through(
            client,
            signal,
            (own) => listFromApi(client, subject, own),
            ({ listings, listingAgeMs }, access, next) =>
              (own) =>
                listings.read(`${ownKey(client, access)} ${subject}`, listingAgeMs, own, next),
          ),
        fallback,
        client.context.settings.limits.referrers,
      ),
  }
}

/** Another client may have other endpoints and authorities. */
function ownKey({ context: { settings } }: RepositoryClient, access: string): string {
  return `${settings.id} ${access}`
}
