import type { Digest } from '../ports.ts'
import type { AttachmentClaims } from './claims.ts'

export interface Discovery {
  readonly digest: Digest
  /** In the order they were looked for: tags, then referrers. */
  readonly artifacts: readonly DiscoveredArtifact[]
  /** False when something could not be looked at or was cut short: then absence proves nothing. */
  readonly complete: boolean
  /** Where was looked, in words: `tag sha256-….sig`, `referrers of sha256:…`. */
  readonly asked: readonly string[]
  /** What could not be looked at, and why. */
  readonly problems: readonly string[]
}

/** One thing that is stored beside an image. Nothing in it has been verified. */
export interface DiscoveredArtifact {
  readonly kind: 'signature' | 'attestation' | 'sbom' | 'bundle' | 'notary-signature' | 'other'
  readonly digest: Digest
  /** How it was found: the tag, or the listing of referrers. */
  readonly found:
    { readonly by: 'tag'; readonly tag: string } | { readonly by: 'referrers'; readonly source: 'api' | 'fallback-tag' }
  /** As its manifest has it; as it is listed where the manifest could not be read. */
  readonly artifactType?: string
  /** Each signature or statement it holds. */
  readonly layers: readonly DiscoveredLayer[]
  /** What is wrong with it as a whole, such as a manifest that cannot be read, or is of another type than it is listed under. */
  readonly problems: readonly string[]
}

export interface DiscoveredLayer {
  readonly digest: Digest
  readonly mediaType: string
  readonly size: number
  /** What it says of itself, where its kind is one that is read. */
  readonly claims?: AttachmentClaims
  /** Why it could not be read. */
  readonly problem?: string
}
