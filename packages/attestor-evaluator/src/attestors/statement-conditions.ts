import type { Attestation } from '@verify-images/policy-parser'
import {
  CheckError,
  type DifferenceRow,
  isPredicateObject,
  type Reason,
  type Verified,
  yieldIfDue,
} from '@verify-images/primitives'
import { MAX_STATEMENT_CHOICES } from '../limits.ts'
import type { ImageSubject } from '../ports.ts'
import type { Statement, VerificationRun, VerifiedStatement } from '../signature-verifier.ts'
import { type NamedStatements, type StatementChoice, statementChoices } from './named-statements.ts'

/**
 * Returns whether a statement satisfies the conditions of an attestation. `named` has the statement itself and one
 * statement of each attestation before it, by the names of the attestations.
 */
export type StatementJudge = (
  attestation: Attestation,
  statement: Verified<Statement>,
  named: StatementChoice,
) => Promise<StatementVerdict>

export type StatementVerdict =
  | { readonly holds: true }
  /** `difference` where the conditions hold in Kyverno: the row of docs/differences.md. */
  | {
      readonly holds: false
      readonly message: string
      /** The condition that decided, and what its key resolved to. */
      readonly expected?: string
      readonly actual?: string
      readonly difference?: DifferenceRow
    }
  /**
   * The conditions could not be evaluated; `isFinal` if that is decided by what was attested, so that retrying never
   * helps.
   */
  | { readonly failure: { readonly message: string; readonly reason: Reason; readonly isFinal?: boolean } }

export interface ConditionCheck {
  readonly attestation: Attestation
  readonly judge: StatementJudge
  readonly image: ImageSubject
  /** The statements of the attestations before this one. */
  readonly named: NamedStatements
  readonly run: VerificationRun
}

/**
 * Requires that every statement satisfies the conditions, whichever of the statements before it they see.
 *
 * @throws CheckError ATTESTOR_STATEMENT_MISSING, ATTESTOR_CONDITION_NOT_MET, ATTESTOR_CONDITION_FAILED,
 *   ATTESTOR_LIMIT_EXCEEDED
 */
export async function requireConditions(
  check: ConditionCheck,
  statements: readonly VerifiedStatement[],
): Promise<void> {
  const { attestation, run } = check
  const type = predicateTypeOf(attestation)
  if (statements.length === 0) {
    throw new CheckError('ATTESTOR_STATEMENT_MISSING', 'the image has no statement of the required type', {
      detail: { kind: 'attestor-statement-missing', predicateType: type },
      expected: type,
    })
  }
  const hasConditions = (attestation.conditions?.length ?? 0) > 0
  const limit = hasConditions ? MAX_STATEMENT_CHOICES : 1
  const choices = statementChoices(check.named, limit)
  for (const verified of statements) {
    if (hasConditions && !isPredicateObject(verified.statement.predicate)) throw notEvaluated(verified)
    for (const [i, choice] of choices.slice(0, limit).entries()) {
      await yieldIfDue(run.signal)
      await requireVerdict(check, verified, choice, i > 0)
    }
  }
  if (hasConditions && choices.length > limit) throw tooManyChoices()
}

/** Returns the predicate type that an attestation requires; empty if it names none. */
export function predicateTypeOf({ type, predicateType }: Attestation): string {
  return type || predicateType || ''
}

async function requireVerdict(
  { attestation, judge, image }: ConditionCheck,
  { statement, evidence }: VerifiedStatement,
  choice: StatementChoice,
  hiddenFromKyverno: boolean,
): Promise<void> {
  const named = attestation.name ? new Map([...choice, [attestation.name, statement] as const]) : choice
  const verdict = await judge(attestation, statement, named)
  if ('holds' in verdict && verdict.holds) return
  const difference = hiddenFromKyverno
    ? 'deny-every-statement'
    : 'failure' in verdict
      ? verdict.failure.reason.difference
      : verdict.difference
  const details = { candidate: evidence.artifact, ...(difference !== undefined && { difference }) }
  if ('failure' in verdict) {
    const problem = verdict.failure.message
    const code = verdict.failure.isFinal === true ? 'ATTESTOR_CONDITION_NOT_MET' : 'ATTESTOR_CONDITION_FAILED'
    throw new CheckError(code, `evaluating the conditions failed: ${problem}`, {
      detail: { kind: 'attestor-conditions-not-evaluated', problem },
      ...details,
    })
  }
  throw new CheckError('ATTESTOR_CONDITION_NOT_MET', 'a statement does not satisfy the conditions', {
    detail: {
      kind: 'attestor-conditions-not-met',
      image: image.reference,
      predicateType: predicateTypeOf(attestation),
      problem: verdict.message,
    },
    ...(verdict.expected !== undefined && { expected: verdict.expected }),
    ...(verdict.actual !== undefined && { actual: verdict.actual }),
    ...details,
  })
}

function notEvaluated({ evidence }: VerifiedStatement): CheckError {
  const problem = 'expected an object as predicate'
  return new CheckError('ATTESTOR_CONDITION_NOT_MET', `a statement does not satisfy the conditions: ${problem}`, {
    detail: { kind: 'attestor-conditions-not-evaluated', problem },
    candidate: evidence.artifact,
  })
}

function tooManyChoices(): CheckError {
  return new CheckError(
    'ATTESTOR_LIMIT_EXCEEDED',
    `conditions over the statements of earlier attestations: expected at most ${MAX_STATEMENT_CHOICES} choices of them`,
    { difference: 'deny-every-statement' },
  )
}
