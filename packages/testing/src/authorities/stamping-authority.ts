import { makeTimestampAuthority } from '@verify-images/x509/testing'

/** A timestamp authority. */
export interface StampingAuthority {
  readonly url: string
  /** PEM, its own certificate first and the root last: what stands under `tsaCertChain` in a policy. */
  readonly chain: string
  readonly certificates: readonly Uint8Array[]
  /** A response that carries a token over these bytes. */
  readonly stamp: (bytes: Uint8Array, at: Date) => Uint8Array
  /** The token alone, which is what the Notary Project keeps. */
  readonly stampToken: (bytes: Uint8Array, at: Date) => Uint8Array
}

export function createStampingAuthority(url: string): StampingAuthority {
  const { leaf, root, stamp } = makeTimestampAuthority()
  return {
    url,
    chain: leaf.pem + root.pem,
    certificates: [leaf.der, root.der],
    stamp: (bytes, at) => stamp(bytes, { genTime: at }),
    stampToken: (bytes, at) => stamp(bytes, { genTime: at, bare: true }),
  }
}
