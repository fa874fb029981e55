import type { FailurePolicy, Policy } from '@verify-images/policy-parser'
import type { PolicyResponse } from '../engine/ports.ts'
import type { RuleOutcome, RuleResult } from '../verdict/rule-result.ts'

/** Returns `webhookConfiguration.failurePolicy`, else the deprecated field, else `Fail`. */
export function failurePolicyOf({ spec }: Policy): FailurePolicy {
  return spec.webhookConfiguration?.failurePolicy ?? spec.failurePolicy ?? 'Fail'
}

/**
 * Returns whether Kyverno blocks the request: a rule that enforces failed, or a rule could not be evaluated and one of
 * the evaluated policies (not necessarily its own) has `failurePolicy: Fail`.
 *
 * @see Kyverno, pkg/webhooks/utils/block.go
 */
export function blocks(responses: readonly PolicyResponse[]): boolean {
  return responses.some((response) => response.rows.some((row) => isBlocking(response, row, errorsBlock(responses))))
}

function errorsBlock(responses: readonly PolicyResponse[]): boolean {
  return responses.some(({ policy }) => failurePolicyOf(policy) === 'Fail')
}

function isBlocking(response: PolicyResponse, row: RuleResult, onErrors: boolean): boolean {
  if (row.status === 'fail') return response.enforces(row.rule)
  return row.status === 'error' && onErrors
}

/**
 * Returns one outcome for all rows. A denial based only on checks that could not be made is `inconclusive`: signing the
 * image would not help, repairing the registry might.
 */
export function combineOutcomes(responses: readonly PolicyResponse[]): RuleOutcome {
  const onErrors = errorsBlock(responses)
  const blocking = responses.flatMap((response) => response.rows.filter((row) => isBlocking(response, row, onErrors)))
  const rows = blocking.length > 0 ? blocking : responses.flatMap((response) => response.rows)
  if (rows.some((row) => row.outcome === 'rejected')) return 'rejected'
  return rows.some((row) => row.outcome === 'inconclusive') ? 'inconclusive' : 'accepted'
}
