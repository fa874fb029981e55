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
  /** As they were sent. They are shared by all readers of one session, so nobody writes to them. */
  readonly bytes: Uint8Array
}

export interface ManifestNotFound {
  readonly notFound: true
  /** What the registry answered. */
  readonly detail: RegistryAnswerDetail
}

export interface ReferrerListing {
  /** In the registry's order, each digest once. Their artifact types and annotations are hints, not evidence. */
  readonly descriptors: readonly Descriptor[]
  /** False when the listing was cut short at a limit, pointed elsewhere for its rest, or held unreadable entries. */
  readonly complete: boolean
  readonly source: 'api' | 'fallback-tag' | 'none'
}
