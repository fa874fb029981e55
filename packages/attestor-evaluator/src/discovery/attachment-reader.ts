import type { Digest } from '../ports.ts'
import type { AttachmentClaims } from './claims.ts'

/** One layer of something that is attached to an image. */
export interface StoredAttachment {
  /** The image it is attached to. */
  readonly image: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly annotations: ReadonlyMap<string, string>
  /** Which layer of how many. */
  readonly position: number
  readonly count: number
}

/**
 * Reads one kind of attachment, and verifies nothing.
 *
 * A part that cannot be read is named in the claims and hides no other part. What cannot be read at all is thrown; the
 * message is shown.
 */
export interface AttachmentReader {
  /** What the artifact types that it reads begin with. */
  readonly artifactType: string
  read(attachment: StoredAttachment): AttachmentClaims | Promise<AttachmentClaims>
}
