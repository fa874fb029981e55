import type { ArtifactSource, Evidence } from '@verify-images/attestor-evaluator'
import type { ImageVerification, Rule } from '@verify-images/policy-parser'
import type { PreparedRule } from '../evaluate-rule.ts'
import type { Evaluation } from '../evaluation.ts'
import type { RuleResponse } from '../../kyverno/rule-response.ts'
import type { EntryMatcher } from './rule-images.ts'
import type { RecordedStatus } from './verification-record.ts'

/** One entry of a rule at work. */
export interface EntryTask {
  readonly evaluation: Evaluation
  readonly prepared: PreparedRule
  /** The rule with its variables filled in. */
  readonly rule: Rule
  readonly entry: ImageVerification
  readonly match: EntryMatcher
  readonly source: ArtifactSource
}

/** What an entry came to for one image. */
export interface Verification {
  /** What upstream would say, or our refusal; nothing where it would say nothing. */
  readonly response?: RuleResponse
  /** The digest that was verified. */
  readonly digest?: string
  readonly evidence?: readonly Evidence[]
  /** What the second phase is to believe of the image; nothing where the entry asks for nothing. */
  readonly trusted?: RecordedStatus
  /** What the annotation is to show; nothing where upstream would write nothing. */
  readonly shown?: RecordedStatus
  /** What upstream would note of the image, and believe in the second phase. */
  readonly upstream?: RecordedStatus
  /** False where upstream leaves the reference as it is. */
  readonly pins: boolean
  /** The image was skipped by its name. */
  readonly skippedByName?: true
}

/** Whether anything is to be verified, beside digests. */
export function asksForSomething({ attestors = [], attestations = [] }: ImageVerification): boolean {
  return attestors.length > 0 || attestations.length > 0
}
