import type { Certificate } from '@verify-images/x509'

export interface RevocationRequest {
  readonly certificate: Certificate
  /** The issuer, whose chain is trusted. It signs CRLs and OCSP responses, or certifies who does. */
  readonly issuer: Certificate
  readonly now: Date
  /** When the certificate was used, if a trusted authority vouches for it. A later revocation may then not apply. */
  readonly signedAt?: Date
}

export type RevocationAnswer =
  | { readonly status: 'good' | 'revoked'; readonly source: string }
  /** The status could not be found out, and why. */
  | { readonly status: 'unknown'; readonly source: string; readonly problem: string }

/**
 * Finds out whether a certificate has been revoked.
 *
 * It is called only for certificates with an OCSP or CRL address, and only once their chain is trusted: otherwise any
 * signer could make the verifier send requests to addresses of their choice.
 */
export interface RevocationChecker {
  /** A thrown error counts as `unknown`. */
  checkRevocation(request: RevocationRequest, signal: AbortSignal): Promise<RevocationAnswer>
}
