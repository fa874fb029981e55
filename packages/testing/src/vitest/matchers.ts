import type { ReasonCode } from '@verify-images/primitives'
import { codesOf, describeRules, readVerdict } from './verdict.ts'

interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/** The part of vitest's matcher state that is used. */
interface MatcherContext {
  readonly isNot: boolean
}

/**
 * Passes if an image or a resource is admitted because a policy accepted it. With `.not`, passes if it is denied.
 *
 * Fails either way if no policy matches: a pattern with a typo would make every such test pass.
 */
export async function toBeAdmitted(this: MatcherContext, received: unknown): Promise<MatcherResult> {
  const verdict = await readVerdict(received)
  return {
    pass: verdict.admitted && (this.isNot || !verdict.unmatched),
    message: () => {
      if (verdict.unmatched)
        return `expected the image to be ${this.isNot ? 'denied' : 'admitted'} by a policy, but no policy matches it`
      if (verdict.admitted) return 'expected the image not to be admitted, but it was'
      const codes = codesOf(verdict).join(', ')
      return `expected the image to be admitted, but it was denied (${codes}):\n${describeRules(verdict)}`
    },
  }
}

/**
 * Passes if an image or a resource is denied with this code among the reasons.
 *
 * @throws TypeError with `.not`, which a misspelt code would satisfy; at once, so that a test without `await` fails too
 */
export function toBeDeniedWith(this: MatcherContext, received: unknown, code: ReasonCode): Promise<MatcherResult> {
  if (this.isNot)
    throw new TypeError('toBeDeniedWith has no `.not`: use toBeAdmitted(), or toBeDeniedWith() with the expected code')
  return isDeniedWith(received, code)
}

async function isDeniedWith(received: unknown, code: ReasonCode): Promise<MatcherResult> {
  const verdict = await readVerdict(received)
  const codes = codesOf(verdict)
  return {
    pass: !verdict.admitted && codes.includes(code),
    message: () => {
      if (verdict.admitted) return `expected the image to be denied with ${code}, but it was admitted`
      const found = codes.join(', ')
      return `expected the image to be denied with ${code}, but it was denied with ${found}:\n${describeRules(verdict)}`
    },
  }
}
