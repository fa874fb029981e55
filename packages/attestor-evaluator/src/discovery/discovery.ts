import type { Digest } from '@verify-images/primitives'
import type { claimedCertificate, claimedSubject, claimedTimestamp } from './claimed-parts.ts'
import type { AttachmentClaims } from './claims.ts'
import type { claimedAnnotations, PartReading } from './part-reading.ts'

export interface Discovery {
  readonly digest: Digest
  /** Those of tags, then referrers. */
  readonly artifacts: readonly DiscoveredArtifact[]
  /** The images of an index; none for another image. */
  readonly children: readonly DiscoveredChild[]
  /** False when something could not be fetched or a limit was reached: then absence proves nothing. */
  readonly complete: boolean
  /** What was requested: `tag sha256-….sig`, `referrers of sha256:…`. */
  readonly asked: readonly string[]
  /** What could not be fetched, and why. */
  readonly problems: readonly string[]
}

/** An image that an index lists. */
export interface DiscoveredChild {
  readonly digest: Digest
  /** `os/architecture`, with the variant if there is one, as the index states it. */
  readonly platform?: string
  readonly artifacts: readonly DiscoveredArtifact[]
}

/** An artifact that is attached to an image, or to another artifact. Nothing in it has been verified. */
export interface DiscoveredArtifact {
  readonly kind: 'signature' | 'attestation' | 'sbom' | 'bundle' | 'notary-signature' | 'other'
  readonly digest: Digest
  /** How it was found: by its tag, or in the referrers listing. */
  readonly found:
    { readonly by: 'tag'; readonly tag: string } | { readonly by: 'referrers'; readonly source: 'api' | 'fallback-tag' }
  /** From its manifest, or from the listing where the manifest is unreadable. */
  readonly artifactType?: string
  /** One for each signature or statement. */
  readonly layers: readonly DiscoveredLayer[]
  /** What is attached to the artifact itself, such as the signature of an SBOM. Signatures and bundles have none. */
  readonly attached: readonly DiscoveredArtifact[]
  /** Problems of the artifact as a whole, such as an unreadable manifest, or another artifact type than listed. */
  readonly problems: readonly string[]
}

export interface DiscoveredLayer {
  readonly digest: Digest
  readonly mediaType: string
  readonly size: number
  /** What it claims, where a reader knows its kind. */
  readonly claims?: AttachmentClaims
  /** Why it is unreadable. */
  readonly problem?: string
}

/** One layer of an artifact that is attached to an image. */
export interface StoredAttachment {
  /** The image or artifact it is attached to. */
  readonly image: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly annotations: ReadonlyMap<string, string>
  /** The index of the layer, and how many there are. */
  readonly position: number
  readonly count: number
}

/**
 * Reads one kind of attachment, and verifies nothing.
 *
 * An unreadable part is listed in the claims and hides no other part. An attachment that is unreadable as a whole is
 * thrown; the message of the error is shown.
 */
export interface AttachmentReader {
  /** The prefix of the artifact types that it reads. */
  readonly artifactType: string
  read(attachment: StoredAttachment, describe: ClaimDescriptions): AttachmentClaims | Promise<AttachmentClaims>
}

/**
 * Describes what an attachment claims. Readers of other packages get it as an argument, so that they need only types.
 */
export interface ClaimDescriptions {
  /** Starts the reading of one attachment, part by part. */
  startReading(): PartReading
  readonly subject: typeof claimedSubject
  readonly annotations: typeof claimedAnnotations
  readonly certificate: typeof claimedCertificate
  readonly timestamp: typeof claimedTimestamp
}
