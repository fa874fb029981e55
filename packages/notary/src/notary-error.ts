export type NotaryErrorCode = 'NOTARY_TRUST_POLICY_INVALID' | 'NOTARY_TRUST_STORE_INVALID' | 'NOTARY_OPTIONS_INVALID'

/**
 * What a caller handed over cannot be used. What is wrong with a signature is never thrown: it is the outcome.
 */
export class NotaryError extends Error {
  override readonly name = 'NotaryError'
  readonly code: NotaryErrorCode
  /** Where in the document, such as `trustPolicies[0].trustedIdentities[1]`. */
  readonly path: string

  constructor(code: NotaryErrorCode, path: string, problem: string, options: { readonly cause?: unknown } = {}) {
    super(path === '' ? problem : `${path}: ${problem}`, options)
    this.code = code
    this.path = path
  }
}
