import type { Certificate } from '@verify-images/x509'
import type { LogEntry } from '../sigstore/log-entry.ts'

/** A Sigstore bundle after its form has been checked: nothing in it has been verified. */
export interface Bundle {
  readonly version: '0.1' | '0.2' | '0.3'
  readonly material: BundleMaterial
  readonly content: BundleContent
  readonly logEntries: readonly LogEntry[]
  /** RFC 3161 responses over the raw signature. */
  readonly timestamps: readonly Uint8Array[]
}

export type BundleMaterial =
  /** The bundle's hint at a key is nobody's word, so it is not kept. */
  | { readonly kind: 'key' }
  | { readonly kind: 'certificate'; readonly certificate: Certificate; readonly intermediates: readonly Certificate[] }

export type BundleContent =
  | {
      readonly kind: 'envelope'
      readonly payloadType: string
      readonly payload: Uint8Array
      readonly signature: Uint8Array
    }
  | { readonly kind: 'message'; readonly digest: Uint8Array; readonly signature: Uint8Array }
