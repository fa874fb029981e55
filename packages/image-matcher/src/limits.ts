/** The limits of this package. */
export const LIMITS: {
  readonly referenceCharacters: number
  readonly patternCharacters: number
  readonly images: number
  readonly extractors: number
  readonly pathSegments: number
  readonly joinedPullSecrets: number
} = {
  /** A domain name has at most 253 characters, a repository 255, a tag 128, a digest 135; Kubernetes has no limit. */
  referenceCharacters: 4_096,
  /** Matching takes pattern × text time per equivalent repository; a reference with a digest is shorter than this. */
  patternCharacters: 1_024,
  /** No Pod with more containers starts, while a wildcard over a large object could find a million. */
  images: 1_000,
  /** Per kind. Each extractor walks the object once. */
  extractors: 100,
  /** Each segment is one level of recursion. */
  pathSegments: 64,
  /** Pull secrets of a container with those of its Pod, which are copied for each such container. A Pod names a few. */
  joinedPullSecrets: 1_000,
}
