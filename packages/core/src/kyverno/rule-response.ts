import type { DifferenceRow } from '@verify-images/primitives'
import type { RuleOutcome, RuleResult, RuleStatus } from '../verdict/rule-result.ts'

/** What a rule says before it is known which phase and policy it belongs to. */
export interface RuleResponse extends Omit<RuleResult, 'phase' | 'policy' | 'policyNamespace' | 'rule'> {
  /** The name of the rule, where its variables make it another. */
  readonly rule?: string
  /** What Kyverno says in this place, where it is something else than `status`: what it does next depends on it. */
  readonly upstream?: RuleStatus | 'nothing'
}

type Details = Partial<
  Pick<RuleResponse, 'type' | 'image' | 'code' | 'reasons' | 'evidence' | 'exceptions' | 'warn' | 'upstream'>
>

function response(status: RuleStatus, outcome: RuleOutcome, message: string, details: Details): RuleResponse {
  const {
    reasons = [],
    evidence = [],
    type = 'ImageVerify',
    warn = status === 'fail' || status === 'error' || status === 'warn',
    code = reasons[0]?.code,
    ...rest
  } = details
  return { type, status, outcome, message, reasons, evidence, warn, ...(code === undefined ? {} : { code }), ...rest }
}

export function passed(message: string, details: Details = {}): RuleResponse {
  return response('pass', 'accepted', message, details)
}

/** Nothing to hold, so nothing stands against the image: but nothing speaks for it either, and nothing is evidence. */
export function skipped(message: string, details: Details = {}): RuleResponse {
  return response('skip', 'accepted', message, details)
}

export function failed(message: string, outcome: 'rejected' | 'inconclusive', details: Details = {}): RuleResponse {
  return response('fail', outcome, message, details)
}

/** The rule could not be evaluated; upstream's form is `<what>: <cause>`. */
export function errored(
  message: string,
  details: Details = {},
  outcome: 'rejected' | 'inconclusive' = 'inconclusive',
): RuleResponse {
  return response('error', outcome, message, details)
}

/** The response, as a refusal that only we have: `row` is the one of docs/differences.md. */
export function onlyOurs(response: RuleResponse, row: DifferenceRow, upstream: RuleStatus | 'nothing'): RuleResponse {
  return { ...response, upstream, reasons: response.reasons.map((reason) => ({ difference: row, ...reason })) }
}

/** Whether Kyverno counts the rule as applied by this response. */
export function isApplied({ status, upstream = status }: RuleResponse): boolean {
  return upstream === 'pass' || upstream === 'fail'
}
