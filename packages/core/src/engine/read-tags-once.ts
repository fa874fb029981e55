import type { ArtifactSource, ManifestNotFound, StoredManifest } from '@verify-images/attestor-evaluator'
import type { Digest } from '@verify-images/primitives'

/** By repository and tag: the first reading, and with whose eyes it was read. */
export type TagReadings = Map<
  string,
  { readonly source: ArtifactSource; readonly manifest: Promise<StoredManifest | ManifestNotFound> }
>

/**
 * The same source, where a tag stands for one manifest: the first that was read (S6).
 *
 * A session reads each tag once for each set of credentials. Two rules with different ones could be shown two images
 * under one tag, and one could pin what only the other had verified.
 */
export function readTagsOnce(source: ArtifactSource, readings: TagReadings): ArtifactSource {
  return {
    fetchManifest: async (repository, reference, signal) => {
      if (reference.includes(':')) return source.fetchManifest(repository, reference, signal)
      const key = `${repository}:${reference}`
      let earlier = readings.get(key)
      // A source remembers what it has read itself; another one is asked for the same bytes, which it may not be shown.
      while (earlier !== undefined && earlier.source !== source) {
        const manifest = await earlier.manifest.catch(() => undefined)
        if (manifest !== undefined && !('notFound' in manifest))
          return source.fetchManifest(repository, manifest.digest, signal)
        const next = readings.get(key)
        // Someone who waited beside us may have begun to read it meanwhile.
        if (next === earlier) break
        earlier = next
      }
      const manifest = source.fetchManifest(repository, reference, signal)
      if (earlier?.source !== source) readings.set(key, { source, manifest })
      return manifest
    },
    fetchBlob: (repository, blob, maxBytes, signal) => source.fetchBlob(repository, blob, maxBytes, signal),
    listReferrers: (repository, subject: Digest, signal) => source.listReferrers(repository, subject, signal),
  }
}
