import type { DistinguishedName } from './distinguished-name.ts'
import type { Extension } from './extension.ts'
import type { GeneralName } from './general-name.ts'
import type { BasicConstraints, KeyUsage } from './known-extensions.ts'
import type { NameConstraints } from './name-constraints.ts'
import type { PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/** A parsed certificate. Its signature has not been verified: `buildChain` does that. */
export interface Certificate {
  /** The DER: two certificates are the same when these bytes are. */
  readonly raw: Uint8Array
  /** The part that is signed. */
  readonly tbs: Uint8Array
  readonly serialNumber: bigint
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: PublicKey
  /**
   * Absent only in a certificate that names itself as issuer and is signed by an algorithm we do not accept, such as an
   * old root's SHA-1. The signature of a trust anchor is never verified.
   */
  readonly signatureAlgorithm?: SignatureAlgorithm
  readonly signature: Uint8Array
  /** By OID; none occurs twice. */
  readonly extensions: ReadonlyMap<string, Extension>
  /** Critical extensions that are not understood here. No chain may contain one. */
  readonly unhandledCriticalExtensions: readonly string[]
  readonly basicConstraints?: BasicConstraints
  readonly keyUsage?: ReadonlySet<KeyUsage>
  /** OIDs. */
  readonly extendedKeyUsage?: readonly string[]
  /** In Go's order: DNS, e-mail, IP, URI, other names, the rest. Empty without the extension. */
  readonly subjectAltNames: readonly GeneralName[]
  readonly nameConstraints?: NameConstraints
  readonly subjectKeyId?: Uint8Array
  readonly authorityKeyId?: Uint8Array
  /** OIDs of the certificate policies; nothing here asks for one. */
  readonly policies: readonly string[]
  readonly crlUrls: readonly string[]
  readonly ocspUrls: readonly string[]
  readonly issuerUrls: readonly string[]
  /** SHA-256 of {@link raw}, in hex. */
  readonly fingerprint: string
  /** Issuer and subject are the same name. */
  readonly isSelfIssued: boolean
}
