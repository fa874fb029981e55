import type { Certificate } from '@verify-images/x509'

export interface RevocationRequest {
  readonly certificate: Certificate
  /** Who issued it, and so signs what is said about it. It leads to something that is trusted. */
  readonly issuer: Certificate
  readonly now: Date
  /** When the certificate was used, where somebody who is trusted vouches for that; a later revocation may then not matter. */
  readonly signedAt?: Date
}

export type RevocationAnswer =
  | { readonly status: 'good' | 'revoked'; readonly source: string }
  /** Nobody could say, and why. */
  | { readonly status: 'unknown'; readonly source: string; readonly problem: string }

/**
 * Says whether a certificate has been revoked.
 *
 * It is asked only about certificates that name a responder or a list, and only after their chain has been found to be
 * trusted: otherwise whoever signs could make the verifier call where they like.
 */
export interface RevocationChecker {
  /** An error means `unknown`. */
  checkRevocation(request: RevocationRequest, signal: AbortSignal): Promise<RevocationAnswer>
}
