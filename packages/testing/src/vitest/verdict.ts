/** What the matchers look at: verdicts of `verifyImage` and `verifyResource` have it. */
export interface JudgedVerdict {
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
 * A verdict, or one that is promised.
 *
 * @throws TypeError for anything else, so that a mistake in a test is not a denial
 */
export async function readVerdict(received: unknown): Promise<JudgedVerdict> {
  const value: unknown = await received
  if (isVerdict(value)) return value
  throw new TypeError('expected the verdict of verifyImage or verifyResource, or a promise of it')
}

function isVerdict(value: unknown): value is JudgedVerdict {
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

/** The codes of everything that stands against the image, in the order of the rules. */
export function codesOf({ rules }: JudgedVerdict): readonly string[] {
  const against = rules.filter(({ outcome }) => outcome !== 'accepted')
  return [
    ...new Set(
      against.flatMap(({ code, reasons }) => [
        ...(code === undefined ? [] : [code]),
        ...reasons.map((reason) => reason.code),
      ]),
    ),
  ]
}

/** One line for each rule that did not pass. */
export function describeRules({ rules }: JudgedVerdict): string {
  return rules
    .filter(({ status }) => status !== 'pass')
    .map(({ policy, rule, status, message }) => `  ${policy}/${rule}: ${status}: ${message}`)
    .join('\n')
}
