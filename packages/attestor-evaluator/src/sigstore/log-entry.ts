import type { Message } from '@verify-images/primitives'
import type { InclusionProof } from './inclusion-proof.ts'

/** A transparency log entry as it was stored with a signature. Nothing in it has been verified. */
export interface LogEntry {
  readonly logIndex: bigint
  /** Lower-case hex. */
  readonly logId: string
  readonly kind: string
  readonly version: string
  /** Seconds since 1970. Only an inclusion promise signs it. */
  readonly integratedTime?: bigint
  /** The inclusion promise (SET): the log's signature over body, index, time and log id. */
  readonly promise?: Uint8Array
  readonly proof?: InclusionProof & { readonly rootHash: Uint8Array; readonly checkpoint: string }
  /** The canonical body, which is what the log hashes. */
  readonly body: Uint8Array
}

/** The signature that an entry must be about. */
export interface LoggedSignature {
  readonly signature: Uint8Array
  readonly signer: LoggedSigner
  readonly content:
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    /** `envelope`: the DSSE envelope as uploaded, where it is known (legacy attestations). */
    | {
        readonly kind: 'envelope'
        readonly payload: Uint8Array
        readonly signedBytes: Message
        readonly envelope?: Uint8Array
      }
}

export interface LoggedSigner {
  readonly kind: 'certificate' | 'key'
  readonly der: Uint8Array
}

/** The largest signed 64-bit integer: log indexes and times of the formats are int64. */
export const MAX_INT64: bigint = 2n ** 63n - 1n
