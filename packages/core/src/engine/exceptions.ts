import type { Reason } from '@verify-images/attestor-evaluator'
import type { PolicyException, Rule } from '@verify-images/policy-parser'
import { matchWildcard } from '@verify-images/primitives'
import { matchException } from '../match/match-exception.ts'
import { matchExceptionWithoutLabels, type UnlabelledRequest } from '../match/match-without-labels.ts'
import type { CompiledPolicy } from './compile-policy.ts'
import { conditionsJson } from './context/judge-statements.ts'
import type { PreparedRule } from './evaluate-rule.ts'
import type { Evaluation } from './evaluation.ts'

/** Returns the exceptions that exempt the object from a rule; a failure if labels were needed that could not be read. */
export async function exceptionsThatHold(
  evaluation: Evaluation,
  { policy, rule, scope }: PreparedRule,
  request: UnlabelledRequest,
): Promise<readonly PolicyException[] | { readonly failure: Reason }> {
  const holding: PolicyException[] = []
  for (const exception of exceptionsNaming(evaluation, policy, rule)) {
    const withoutLabels = matchExceptionWithoutLabels(exception, request)
    if (withoutLabels === 'does-not-match') continue
    if (withoutLabels === 'depends') {
      const answer = await evaluation.namespaceLabels()
      if ('failure' in answer) return answer
      if (!matchException(exception, { ...request, namespaceLabels: answer.labels })) continue
    }
    const held =
      exception.conditions === undefined
        ? { holds: true }
        : await scope.holds(conditionsJson(exception.conditions), 'allow')
    // An exception whose conditions cannot be evaluated exempts nothing.
    if ('holds' in held && held.holds) holding.push(exception)
  }
  return holding
}

/** Exceptions for this rule, by the policy's key and the computed rule name. */
function exceptionsNaming(
  { settings }: Evaluation,
  { key }: CompiledPolicy,
  { name }: Rule,
): readonly PolicyException[] {
  return settings.exceptions.filter(({ exceptions }) =>
    exceptions.some(
      ({ policyName, ruleNames }) => policyName === key && ruleNames.some((pattern) => matchWildcard(pattern, name)),
    ),
  )
}
