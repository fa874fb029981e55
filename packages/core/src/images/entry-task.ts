import type { ImageVerification, Rule } from '@verify-images/policy-parser'
import type { RegistrySession } from '@verify-images/registry-fetcher'
import type { PreparedRule } from '../evaluate-rule.ts'
import type { Evaluation } from '../evaluation.ts'
import type { RuleResponse } from '../verdict/rule-response.ts'

/** One entry of a rule at work. */
export interface EntryTask {
  readonly evaluation: Evaluation
  readonly prepared: PreparedRule
  /** The rule with its variables filled in. */
  readonly rule: Rule
  readonly entry: ImageVerification
  readonly session: RegistrySession
}

/** What an entry came to for one image; no response where it asks for nothing. */
export interface Verification {
  readonly response?: RuleResponse
  /** The digest that was verified. */
  readonly digest?: string
  /** The object says so itself, and the verifier was told to believe it. */
  readonly recorded?: true
}

/** Whether anything is to be verified, beside digests. */
export function asksForSomething({ attestors = [], attestations = [] }: ImageVerification): boolean {
  return attestors.length > 0 || attestations.length > 0
}
