import { RE2JS } from 're2js'
import { AttestorError } from '../attestor-error.ts'
import { MAX_PATTERN_LENGTH } from '../limits.ts'

/** A compiled pattern of RE2's language, which is not JavaScript's; its time is linear in the text. */
export interface RegularExpression {
  /** Whether the pattern is found anywhere in the text. */
  matches(text: string): boolean
}

/**
 * Compiles a pattern as Go's regexp does.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID, with Go's words in `upstreamText`
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function compileRegularExpression(pattern: string): RegularExpression {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `the pattern has more than ${MAX_PATTERN_LENGTH} characters`, {
      upstreamText: 'error parsing regexp: expression too large',
    })
  }
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    const told = error instanceof Error ? error.message : 'error parsing regexp'
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `\`${pattern.slice(0, 80)}\` is not a regular expression`, {
      upstreamText: told,
      cause: error,
    })
  }
  return { matches: (text) => compiled.test(text) }
}

/** Whether a pattern says where the text begins and ends; one that does not also matches inside of longer texts. */
export function isAnchored(pattern: string): boolean {
  return /^(?:\(\?[a-zA-Z]+\))?(?:\^|\\A)/.test(pattern) && /(?:\$|\\z)$/.test(pattern) && !/\\\$$/.test(pattern)
}
