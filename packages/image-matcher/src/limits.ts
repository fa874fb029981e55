/** The bounds of this package, each with its reason. */
export const LIMITS: {
  readonly referenceCharacters: number
  readonly patternCharacters: number
  readonly images: number
  readonly extractors: number
  readonly pathSegments: number
} = {
  /** A domain name has at most 253 characters, a repository 255, a tag 128, a digest 135; Kubernetes itself sets no bound. */
  referenceCharacters: 4_096,
  /** Matching costs pattern × text, for each spelling of a repository. A repository, its registry and a digest together are shorter. */
  patternCharacters: 1_024,
  /** A Pod with more containers does not start; a wildcard over a large object could find a million. */
  images: 1_000,
  /** Per kind; each walks the object once. */
  extractors: 100,
  /** The walk goes one call deeper with each. */
  pathSegments: 64,
}
