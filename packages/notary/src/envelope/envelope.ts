import type { CertificateChain } from '@verify-images/x509'

export type SigningScheme = 'notary.x509' | 'notary.x509.signingAuthority'

/** What the signer says beside the payload, under its signature. */
export interface SignedAttributes {
  readonly contentType: string
  readonly signingScheme: SigningScheme
  /** Under `notary.x509` nobody vouches for it. */
  readonly signingTime: Date
  readonly expiry?: Date
}

/**
 * A signature envelope whose signature is that of the first certificate of its chain.
 *
 * Only `openEnvelope` makes one. Nothing is said about whom the chain belongs to.
 */
export interface Envelope {
  readonly format: 'jws' | 'cose'
  readonly payload: Uint8Array
  readonly attributes: SignedAttributes
  /** From the signer to a root that signed itself. */
  readonly chain: CertificateChain
  /** The bare signature: what a timestamp authority countersigns. */
  readonly signature: Uint8Array
  /** Not covered by the signature. */
  readonly timestampToken?: Uint8Array
}

/**
 * An envelope that has been taken apart, and not verified: anybody can write one.
 *
 * Each part is read when it is asked for, and may be refused by itself.
 */
export interface UnverifiedEnvelope {
  readonly format: Envelope['format']
  payload(): Uint8Array
  attributes(): SignedAttributes
  chain(): CertificateChain
  timestampToken(): Uint8Array | undefined
}
