import { RE2JS } from 're2js'
import { AttestorError } from '../attestor-error.ts'
import { MAX_PATTERN_LENGTH } from '../limits.ts'

/** A compiled RE2 pattern. Matching takes time linear in the text. */
export interface RegularExpression {
  /** Tells whether the pattern matches anywhere in the text. */
  matches(text: string): boolean
}

/**
 * Compiles a pattern like Go's regexp package. Its syntax is not JavaScript's.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID, with Go's words in `upstreamText`
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function compileRegularExpression(pattern: string): RegularExpression {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new AttestorError(
      'ATTESTOR_POLICY_INVALID',
      `regular expression: expected at most ${MAX_PATTERN_LENGTH} characters, got ${pattern.length}`,
      {
        upstreamText: 'error parsing regexp: expression too large',
      },
    )
  }
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    const told = error instanceof Error ? error.message : 'error parsing regexp'
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `invalid regular expression \`${pattern.slice(0, 80)}\``, {
      upstreamText: told,
      cause: error,
    })
  }
  return { matches: (text) => compiled.test(text) }
}

/** Tells whether a pattern is anchored at both ends; others also match inside longer text. */
export function isAnchored(pattern: string): boolean {
  return /^(?:\(\?[a-zA-Z]+\))?(?:\^|\\A)/.test(pattern) && /(?:\$|\\z)$/.test(pattern) && !/\\\$$/.test(pattern)
}
