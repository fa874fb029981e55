import type { Digest } from './digest.ts'
import type { RegistryAnswerDetail } from './reasons/registry-detail.ts'

/** An OCI descriptor: what a manifest or a listing says about content. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** A manifest whose bytes hash to `digest`: whoever fetched it has checked that. */
export interface StoredManifest {
  readonly digest: Digest
  readonly mediaType: string
  /** As they were sent. Shared within the session, so do not write to them. */
  readonly bytes: Uint8Array
}

export interface ManifestNotFound {
  readonly notFound: true
  /** What the registry answered. */
  readonly detail: RegistryAnswerDetail
}

export interface ReferrerListing {
  /** In the order of the registry, each digest once. Their content is a hint, not evidence. */
  readonly descriptors: readonly Descriptor[]
  /** False when the listing exceeded a limit, continued at another URL, or contained invalid entries. */
  readonly complete: boolean
  readonly source: 'api' | 'fallback-tag' | 'none'
}
