import type { ArtifactSource, ManifestNotFound, StoredManifest } from '@verify-images/attestor-evaluator'
import type { Digest } from '@verify-images/primitives'

/** By repository and tag: the manifest that was fetched first, and the source that fetched it. */
export type ResolvedTags = Map<
  string,
  { readonly source: ArtifactSource; readonly manifest: Promise<StoredManifest | ManifestNotFound> }
>

/**
 * Wraps a source so that a tag resolves to one manifest: the one that was fetched first (S6).
 *
 * A session resolves each tag once per set of credentials. A registry could show two rules with different credentials
 * two images under one tag, so that one rule pins what only the other verified.
 */
export function readTagsOnce(source: ArtifactSource, resolved: ResolvedTags): ArtifactSource {
  return {
    fetchManifest: async (repository, reference, signal) => {
      if (reference.includes(':')) return source.fetchManifest(repository, reference, signal)
      const key = `${repository}:${reference}`
      let earlier = resolved.get(key)
      // A source caches what it fetched itself. Another one fetches the same digest, which it may be denied.
      while (earlier !== undefined && earlier.source !== source) {
        const manifest = await earlier.manifest.catch(() => undefined)
        if (manifest !== undefined && !('notFound' in manifest))
          return source.fetchManifest(repository, manifest.digest, signal)
        const next = resolved.get(key)
        // Another caller that waited, too, may have started to fetch it meanwhile.
        if (next === earlier) break
        earlier = next
      }
      const manifest = source.fetchManifest(repository, reference, signal)
      if (earlier?.source !== source) resolved.set(key, { source, manifest })
      return manifest
    },
    fetchBlob: (repository, blob, maxBytes, signal) => source.fetchBlob(repository, blob, maxBytes, signal),
    listReferrers: (repository, subject: Digest, signal) => source.listReferrers(repository, subject, signal),
  }
}
