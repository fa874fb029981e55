import type { RevocationCache, RevocationChecker } from '@verify-images/notary'
import { createResponderFetch, type ResponderFetchOptions } from '@verify-images/registry-fetcher'
import { aFunction, aPositiveInteger, aString, arrayOf, type OptionTable, withMethods } from '@verify-images/primitives'
import { checkOptions } from './verifier-error.ts'

export interface HttpRevocationOptions extends ResponderFetchOptions {
  /** Where answers are kept while they hold; in memory if left out. */
  readonly cache?: RevocationCache
}

const httpRevocationOptions: OptionTable<HttpRevocationOptions> = {
  allowHosts: arrayOf(aString),
  timeoutMs: aPositiveInteger,
  cache: withMethods('a cache', 'get', 'set'),
  resolve: aFunction,
}

/**
 * Returns a checker that asks over HTTP whether certificates of Notary Project signatures have been revoked.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function createHttpRevocationChecker(options: HttpRevocationOptions = {}): RevocationChecker {
  checkOptions(options, httpRevocationOptions)
  const { cache, ...reach } = options
  const fetch = createResponderFetch(reach)
  let loading: Promise<RevocationChecker> | undefined
  const load = async (): Promise<RevocationChecker> => {
    const { createRevocationChecker } = await import('@verify-images/notary')
    return createRevocationChecker({ fetch, ...(cache && { cache }) })
  }
  return {
    // OCSP and CRLs are loaded with the first certificate that names some.
    checkRevocation: async (request, signal) => (await (loading ??= load())).checkRevocation(request, signal),
  }
}
