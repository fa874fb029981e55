import type { InclusionProof } from './inclusion-proof.ts'

/** An entry of a transparency log, as a signature brings it along: nothing in it has been verified. */
export interface LogEntry {
  readonly logIndex: bigint
  /** Lower-case hex. */
  readonly logId: string
  readonly kind: string
  readonly version: string
  /** Seconds since 1970; signed only by a promise. */
  readonly integratedTime?: bigint
  /** The log's signature over body, index, time and log id. */
  readonly promise?: Uint8Array
  readonly proof?: InclusionProof & { readonly rootHash: Uint8Array; readonly checkpoint: string }
  /** The canonical body: what the log has hashed. */
  readonly body: Uint8Array
}

/** What an entry has to be about. */
export interface LoggedSignature {
  readonly signature: Uint8Array
  readonly signer: { readonly kind: 'certificate' | 'key'; readonly der: Uint8Array }
  readonly content:
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    /** `envelope`: the DSSE envelope as it was uploaded, where that is known (legacy attestations). */
    | {
        readonly kind: 'envelope'
        readonly payload: Uint8Array
        readonly signedBytes: Uint8Array
        readonly envelope?: Uint8Array
      }
}

/** The largest signed 64-bit integer, which is what the formats allow. */
export const MAX_INT64: bigint = 2n ** 63n - 1n
