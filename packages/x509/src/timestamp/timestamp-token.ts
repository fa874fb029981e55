import type { Certificate } from '../certificate.ts'
import type { SignerInfo } from './signer-info.ts'
import type { TimestampInfo } from './timestamp-info.ts'

/** A timestamp token that has been read and not yet verified. */
export interface TimestampToken extends TimestampInfo {
  /** What the token brought along: help for building the chain, never trust. Certificates that are refused are left out. */
  readonly certificates: readonly Certificate[]
  readonly signer: SignerInfo
  /** The DER of the TSTInfo: what the signature is over, through its digest. */
  readonly content: Uint8Array
}
