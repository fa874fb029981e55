import type { Digest, RegistryAnswerDetail } from '@verify-images/primitives'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** A manifest whose bytes hash to `digest`. */
export interface StoredManifest {
  readonly digest: Digest
  readonly mediaType: string
  /** As they were sent. Shared by all who ask in one session, so not to be written to. */
  readonly bytes: Uint8Array
}

export interface ManifestNotFound {
  readonly notFound: true
  readonly detail: RegistryAnswerDetail
}

export interface ReferrerListing {
  /** In the order the registry gave them, each digest once. What they say of themselves is a hint, not evidence. */
  readonly descriptors: readonly Descriptor[]
  /** False when the listing was cut short at a limit, pointed elsewhere for its rest, or held entries that cannot be read. */
  readonly complete: boolean
  readonly source: 'api' | 'fallback-tag' | 'none'
}
