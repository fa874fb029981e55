import { optionChecker, printableText } from '@verify-images/primitives'
import type { CheckOptions, NotaryCode } from '@verify-images/primitives'
import { MAX_SHOWN_LENGTH } from './limits.ts'

/** Thrown for invalid options and documents. What is wrong with a signature is never thrown: it is the outcome. */
export class NotaryError extends Error {
  override readonly name = 'NotaryError'
  readonly code: NotaryCode
  /** Where in the options or document, such as `trustPolicies[0].trustedIdentities[1]`. */
  readonly path: string

  constructor(code: NotaryCode, path: string, problem: string, options: { readonly cause?: unknown } = {}) {
    super(path === '' ? problem : `${path}: ${problem}`, options)
    this.code = code
    this.path = path
  }
}

/** @throws NotaryError NOTARY_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(
  (_, { path, problem }) => new NotaryError('NOTARY_OPTIONS_INVALID', path, problem),
)

/** Returns foreign text as messages show it: one line, bounded. */
export function shown(text: string): string {
  return printableText(text, MAX_SHOWN_LENGTH)
}
