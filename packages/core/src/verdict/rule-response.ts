import type { RuleOutcome, RuleResult, RuleStatus } from './rule-result.ts'

/** What a rule says before it is known which phase and policy it belongs to. */
export type RuleResponse = Omit<RuleResult, 'phase' | 'policy' | 'policyNamespace' | 'rule'>

type Details = Partial<Pick<RuleResult, 'type' | 'image' | 'code' | 'reasons' | 'evidence' | 'exceptions' | 'warn'>>

function response(status: RuleStatus, outcome: RuleOutcome, message: string, details: Details): RuleResponse {
  const { reasons = [], evidence = [], type = 'ImageVerify', warn = status === 'fail' || status === 'error' || status === 'warn', code = reasons[0]?.code, ...rest } = details
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
export function errored(message: string, details: Details = {}): RuleResponse {
  return response('error', 'inconclusive', message, details)
}
