/** The common members of the verdicts of `verifyImage` and `verifyResource`. */
export interface MatchedVerdict {
  readonly admitted: boolean
  readonly unmatched: boolean
  readonly denial?: string
  readonly rules: readonly {
    readonly policy: string
    readonly rule: string
    readonly status: string
    readonly outcome: string
    readonly code?: string
    readonly message: string
    readonly reasons: readonly { readonly code: string }[]
  }[]
}

/**
 * Resolves a verdict or a promise of one.
 *
 * @throws TypeError for anything else: with `.not`, a mistake in the test would pass as a denial
 */
export async function readVerdict(received: unknown): Promise<MatchedVerdict> {
  const value: unknown = await received
  if (isVerdict(value)) return value
  throw new TypeError('expected the verdict of verifyImage or verifyResource, or a promise of it')
}

function isVerdict(value: unknown): value is MatchedVerdict {
  return (
    typeof value === 'object' &&
    value !== null &&
    'admitted' in value &&
    typeof value.admitted === 'boolean' &&
    'unmatched' in value &&
    'rules' in value &&
    Array.isArray(value.rules)
  )
}

/** Returns the codes of all rules that did not accept the image, in the order of the rules. */
export function codesOf({ rules }: MatchedVerdict): readonly string[] {
  const notAccepted = rules.filter(({ outcome }) => outcome !== 'accepted')
  return [
    ...new Set(
      notAccepted.flatMap(({ code, reasons }) => [
        ...(code === undefined ? [] : [code]),
        ...reasons.map((reason) => reason.code),
      ]),
    ),
  ]
}

/** Formats a line for each rule that did not pass. */
export function describeRules({ rules }: MatchedVerdict): string {
  return rules
    .filter(({ status }) => status !== 'pass')
    .map(({ policy, rule, status, message }) => `  ${policy}/${rule}: ${status}: ${message}`)
    .join('\n')
}
