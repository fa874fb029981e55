import { CheckError, messageOf } from '@verify-images/primitives'
import { RE2JS } from 're2js'
import { MAX_PATTERN_LENGTH } from '../limits.ts'

/** A compiled RE2 pattern. Matching takes time linear in the text. */
export interface RegularExpression {
  /** Tells whether the pattern matches anywhere in the text. */
  matches(text: string): boolean
}

/**
 * Compiles a pattern like Go's regexp package. Its syntax is not JavaScript's.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function compileRegularExpression(pattern: string, field: 'subject' | 'issuer'): RegularExpression {
  if (pattern.length > MAX_PATTERN_LENGTH) throw invalidPattern(pattern, field, 'expression too large')
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    const message = messageOf(error)
    throw invalidPattern(pattern, field, message.replace(/^error parsing regexp: /, ''))
  }
  return { matches: (text) => compiled.test(text) }
}

function invalidPattern(pattern: string, field: 'subject' | 'issuer', problem: string): CheckError {
  return new CheckError(
    'ATTESTOR_POLICY_INVALID',
    `invalid regular expression \`${pattern.slice(0, 80)}\` for the ${field}: ${problem}`,
    { detail: { kind: 'attestor-pattern-invalid', field, pattern, problem } },
  )
}

/** Tells whether a pattern is anchored at both ends; others also match inside longer text. */
export function isAnchored(pattern: string): boolean {
  return /^(?:\(\?[a-zA-Z]+\))?(?:\^|\\A)/.test(pattern) && /(?:\$|\\z)$/.test(pattern) && !/\\\$$/.test(pattern)
}
