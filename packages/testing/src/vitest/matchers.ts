import type { ReasonCode } from '@verify-images/primitives'
import { codesOf, describeRules, readVerdict } from './verdict.ts'

interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/** What vitest tells a matcher of how it was asked. */
interface MatcherContext {
  /** Asked by `.not`. */
  readonly isNot: boolean
}

/**
 * Whether an image or a resource may run because a policy accepted it; with `.not`, whether it may not run.
 *
 * What no policy concerned is neither: a pattern that matches nothing would make every such test pass.
 */
export async function toBeAdmitted(this: MatcherContext, received: unknown): Promise<MatcherResult> {
  const verdict = await readVerdict(received)
  return {
    pass: verdict.admitted && (this.isNot || !verdict.unmatched),
    message: () => {
      if (verdict.unmatched)
        return `expected the image ${this.isNot ? 'to be denied' : 'to be admitted'} by a policy, and no policy concerned it`
      if (verdict.admitted) return 'expected the image not to be admitted, and it was'
      return `expected the image to be admitted, and it was denied (${codesOf(verdict).join(', ')}):\n${describeRules(verdict)}`
    },
  }
}

/**
 * Whether an image or a resource was denied, and for this reason among others.
 *
 * @throws TypeError with `.not`, which everything else would satisfy, a code with a typing error included
 */
export async function toBeDeniedWith(
  this: MatcherContext,
  received: unknown,
  code: ReasonCode,
): Promise<MatcherResult> {
  if (this.isNot)
    throw new TypeError('toBeDeniedWith has no opposite: expect toBeAdmitted(), or toBeDeniedWith() another code')
  const verdict = await readVerdict(received)
  const codes = codesOf(verdict)
  return {
    pass: !verdict.admitted && codes.includes(code),
    message: () => {
      if (verdict.admitted) return `expected the image to be denied with ${code}, and it was admitted`
      return `expected the image to be denied with ${code}, and it was denied with ${codes.join(', ')}:\n${describeRules(verdict)}`
    },
  }
}
