import type { Evidence, Reason } from '@verify-images/attestor-evaluator'
import type { FindingPlace, RuleRow } from '../engine/ports.ts'
import {
  reasonsOfFinding,
  type Denial,
  type RefusingFinding,
  type RuleFinding,
  type RuleStep,
  type VerifiedPart,
} from '../engine/rule-finding.ts'
import { presentFailure } from './text/present-failure.ts'
import type { RuleOutcome, RuleResult, RuleStatus } from '../verdict/rule-result.ts'

/** Returns the row that Kyverno has for a finding, with our outcome, reasons and evidence. */
export function presentFinding(finding: RuleFinding, place: FindingPlace): RuleRow {
  switch (finding.kind) {
    case 'preconditions-not-met':
      return row('skip', 'accepted', withCause('preconditions not met', finding.message), { type: typeOfStep(place) })
    case 'exempted':
      return row('skip', 'accepted', `rule is skipped due to policy exceptions${finding.exceptions.join(', ')}`, {
        type: place.phase === 'mutate' ? 'Mutation' : 'Validation',
        exceptions: finding.exceptions,
      })
    case 'image-skipped':
      return row(
        'skip',
        'accepted',
        `skipping image reference image ${finding.image}, policy ${place.policy} ruleName ${place.rule}`,
        { image: finding.image, warn: finding.byName },
      )
    case 'image-pinned':
      return row('pass', 'accepted', 'mutated image digest', { image: finding.image })
    case 'image-verified':
      return row('pass', 'accepted', verifiedMessage(finding.verified, finding.image, place), {
        image: finding.image,
        evidence: finding.evidence,
      })
    case 'images-checked':
      return row(finding.status, 'accepted', checkedMessage(finding), {})
    default:
      return presentRefusal(finding, place)
  }
}

/** Returns whether Kyverno counts the rule as applied by a finding: `applyRules: One` stops after such a rule. */
export function isApplied(finding: RuleFinding, row: Pick<RuleRow, 'status'> | undefined): boolean {
  const kyverno = ('divergence' in finding ? finding.divergence?.kyverno : undefined) ?? row?.status
  return kyverno === 'pass' || kyverno === 'fail'
}

function presentRefusal(finding: RefusingFinding, place: FindingPlace): RuleRow {
  const reasons = reasonsOfFinding(finding)
  switch (finding.kind) {
    case 'rule-not-evaluated':
      return row('error', 'inconclusive', stepMessage(finding.step, finding.reason, place), {
        type: finding.step === 'images' || finding.step === 'preconditions' ? typeOfStep(place) : 'ImageVerify',
        reasons,
      })
    case 'image-refused': {
      const { image, outcome } = finding
      const { text, isNetworkError } = presentFailure(outcome.failure)
      return row(isNetworkError ? 'error' : 'fail', outcome.kind, text, { image, reasons })
    }
    case 'image-denied':
      return row(
        'fail',
        finding.denial.kind === 'conditions-hold' || finding.denial.isFinal === true ? 'rejected' : 'inconclusive',
        `validation in verifyImages failed: ${denialMessage(finding.denial)}`,
        { image: finding.image, reasons },
      )
    case 'digest-unresolved':
      return row('error', 'inconclusive', unresolvedMessage(finding.image, presentFailure(finding.cause).text), {
        image: finding.image,
        reasons,
      })
    case 'digest-missing':
    case 'image-unverified': {
      const what = finding.kind === 'digest-missing' ? 'missing digest for' : 'unverified image'
      return row('fail', finding.inconclusive ? 'inconclusive' : 'rejected', `${what} ${finding.image}`, {
        image: finding.image,
        reasons,
      })
    }
  }
}

interface RowParts {
  readonly type?: RuleResult['type']
  readonly image?: string
  readonly reasons?: readonly Reason[]
  readonly evidence?: readonly Evidence[]
  readonly exceptions?: readonly string[]
  /** True for a failure unless given. */
  readonly warn?: boolean
}

function row(status: RuleStatus, outcome: RuleOutcome, message: string, parts: RowParts): RuleRow {
  const { reasons = [], evidence = [], type = 'ImageVerify', warn = status === 'fail' || status === 'error' } = parts
  const code = reasons[0]?.code
  return {
    type,
    status,
    outcome,
    message,
    reasons,
    evidence,
    warn,
    ...(code === undefined ? {} : { code }),
    ...(parts.image === undefined ? {} : { image: parts.image }),
    ...(parts.exceptions === undefined ? {} : { exceptions: parts.exceptions }),
  }
}

/** Returns the type that Kyverno gives to responses that come before its handler. */
function typeOfStep({ phase }: FindingPlace): RuleResult['type'] {
  return phase === 'mutate' ? 'ImageVerify' : 'Validation'
}

function stepMessage(step: RuleStep, { code, message }: Reason, { namespace }: FindingPlace): string {
  const failed: Readonly<Record<RuleStep, string>> = {
    labels: `get labels of namespace ${namespace}`,
    roles: 'get roles of the requester',
    images: 'instantiate handler: failed to extract images',
    preconditions: 'evaluate preconditions',
    variables: 'substitute variables',
    credentials: 'fetch secrets',
    evaluation: 'evaluate rule',
  }
  const cause = code === 'VERIFIER_DEADLINE_EXCEEDED' ? 'context deadline exceeded' : message
  return `failed to ${failed[step]}: ${cause}`
}

function verifiedMessage(verified: VerifiedPart, image: string, { rule }: FindingPlace): string {
  switch (verified.kind) {
    case 'signatures':
      return `verified image signatures for ${image}`
    case 'attestations':
      return `verified image attestations for ${verified.image}`
    case 'validation':
      return `verifyImages validation is passed in ${rule} rule`
  }
}

function unresolvedMessage(image: string, cause: string): string {
  return `failed to update digest: failed to fetch image reference: ${image}, error: ${cause}`
}

function denialMessage({ kind, message, reason }: Denial): string {
  if (kind === 'conditions-failed') return `failed to check deny conditions: ${reason.message}`
  return message === '' ? 'validation error: imageVerify  failed' : message
}

function checkedMessage({ status, skipped }: Extract<RuleFinding, { kind: 'images-checked' }>): string {
  const what = status === 'skip' ? 'image skipped' : 'image verified'
  return skipped.length === 0 ? what : `${what}, skipped images: ${skipped.join(' ')}`
}

function withCause(what: string, cause: string): string {
  return cause === '' ? what : `${what}; ${cause}`
}
