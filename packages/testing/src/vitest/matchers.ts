import { codesOf, describeRules, readVerdict } from './verdict.ts'

interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * Whether an image or a resource may run because a policy accepted it.
 *
 * That no policy concerned it does not count: a pattern that matches nothing would make every such test pass.
 */
export async function toBeAdmitted(received: unknown): Promise<MatcherResult> {
  const verdict = await readVerdict(received)
  const pass = verdict.admitted && !verdict.unmatched
  return {
    pass,
    message: () => {
      if (pass) return 'expected the image not to be admitted, and it was'
      if (verdict.unmatched) return 'expected the image to be admitted by a policy, and no policy concerned it'
      return `expected the image to be admitted, and it was denied (${codesOf(verdict).join(', ')}):\n${describeRules(verdict)}`
    },
  }
}

/** Whether an image or a resource was denied, and for this reason among others. */
export async function toBeDeniedWith(received: unknown, code: string): Promise<MatcherResult> {
  const verdict = await readVerdict(received)
  const codes = codesOf(verdict)
  const pass = !verdict.admitted && codes.includes(code)
  return {
    pass,
    message: () => {
      if (pass) return `expected the image not to be denied with ${code}, and it was`
      if (verdict.admitted) return `expected the image to be denied with ${code}, and it was admitted`
      return `expected the image to be denied with ${code}, and it was denied with ${codes.join(', ')}:\n${describeRules(verdict)}`
    },
  }
}
