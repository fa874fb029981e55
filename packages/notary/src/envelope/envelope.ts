import { CheckError } from '@verify-images/primitives'
import type { CheckErrorDetails } from '@verify-images/primitives'
import { CertificateError, parseCertificate } from '@verify-images/x509'
import type { CertificateChain, PublicKey } from '@verify-images/x509'
import { MAX_CHAIN_CERTIFICATES } from '../limits.ts'

export type SigningScheme = 'notary.x509' | 'notary.x509.signingAuthority'

/** What the signer signed besides the payload. */
export interface SignedAttributes {
  readonly contentType: string
  readonly signingScheme: SigningScheme
  /** With `notary.x509` it is only the signer's claim. */
  readonly signingTime: Date
  readonly expiry?: Date
}

/**
 * A signature envelope whose signature was made by the first certificate of its chain.
 *
 * Only `openEnvelope` makes one. Whether the chain is trusted has not been checked.
 */
export interface Envelope {
  readonly format: 'jws' | 'cose'
  readonly payload: Uint8Array
  readonly attributes: SignedAttributes
  /** From the signer to a self-signed root. */
  readonly chain: CertificateChain
  /** The bare signature: what a timestamp authority countersigns. */
  readonly signature: Uint8Array
  /** Not covered by the signature. */
  readonly timestampToken?: Uint8Array
}

/**
 * An envelope that has been parsed but not verified: everyone can write one.
 *
 * Each part is parsed on request, and may be rejected by itself.
 */
export interface UnverifiedEnvelope {
  readonly format: Envelope['format']
  payload(): Uint8Array
  attributes(): SignedAttributes
  chain(): CertificateChain
  timestampToken(): Uint8Array | undefined
}

/** Returns the error for an envelope that is not a valid signature. */
export function invalidEnvelope(message: string, details: CheckErrorDetails = {}): CheckError {
  return new CheckError('ATTESTOR_SIGNATURE_INVALID', message, details)
}

/** Returns the error for a signature that the key did not make. */
export function invalidSignature({ kind }: PublicKey): CheckError {
  return invalidEnvelope('the signature is not valid for the key of its certificate', {
    detail: { kind: 'notary-signature-invalid', key: kind === 'rsa' ? 'rsa' : 'ec' },
  })
}

/**
 * Parses the certificates of an envelope, the signer's first.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_CERTIFICATE_INVALID
 */
export function readCertificates(encoded: readonly Uint8Array[]): CertificateChain {
  if (encoded.length > MAX_CHAIN_CERTIFICATES)
    throw invalidEnvelope(
      `certificates of the envelope: expected at most ${MAX_CHAIN_CERTIFICATES}, got ${encoded.length}`,
    )
  const [leaf, ...others] = encoded.map((der, i) => {
    try {
      return parseCertificate(der)
    } catch (cause) {
      if (!(cause instanceof CertificateError)) throw cause
      throw new CheckError('ATTESTOR_CERTIFICATE_INVALID', `certificate ${i} of the envelope: ${cause.message}`, {
        cause,
      })
    }
  })
  if (!leaf) throw invalidEnvelope('the envelope has no certificates')
  return [leaf, ...others]
}
