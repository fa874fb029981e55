/** The limits of this package. */
export const LIMITS: {
  readonly referenceCharacters: number
  readonly patternCharacters: number
  readonly images: number
  readonly extractors: number
  readonly pathSegments: number
  readonly joinedPullSecrets: number
} = {
  /**
   * Characters of an image reference. A domain name has at most 253 characters, a repository 255, a tag 128, a digest
   * 135; Kubernetes has no limit.
   */
  referenceCharacters: 4_096,
  /**
   * Characters of an image pattern. Matching takes pattern × text time per equivalent repository; a reference with a
   * digest is shorter than this.
   */
  patternCharacters: 1_024,
  /**
   * Images of one object. No Pod with more containers starts, while a wildcard over a large object could find a
   * million.
   */
  images: 1_000,
  /** Extractors of one kind, each of which walks the object once. Kinds in use need fewer than ten. */
  extractors: 100,
  /** Segments of the path of an extractor. Each one is a level of recursion; objects nest about 20 deep. */
  pathSegments: 64,
  /** Pull secrets of a container and its Pod, which are copied for each container with its own. A Pod names a few. */
  joinedPullSecrets: 1_000,
}
