import type { Reason } from '@verify-images/attestor-evaluator'
import type { PolicyException, Rule } from '@verify-images/policy-parser'
import { matchWildcard, yieldIfDue } from '@verify-images/primitives'
import { matchExceptionByKnownFacts, type KnownFacts, type KnownMatch } from '../match/match-known-facts.ts'
import type { CompiledPolicy } from './compile-policy.ts'
import { conditionsJson } from './context/judge-statements.ts'
import type { PreparedRule } from './evaluate-rule.ts'
import type { Evaluation } from './evaluation.ts'
import { readFacts, type FactMatch } from './match-facts.ts'

/** The exceptions that exempt an object from a rule. */
export interface Exemption {
  readonly exceptions: readonly PolicyException[]
  /** Why it is unknown whether a further one exempts it; it then does not. */
  readonly unknown?: Reason
}

/**
 * Returns the exceptions that exempt the object from a rule; a failure if labels were needed that could not be read.
 */
export async function exceptionsThatHold(
  evaluation: Evaluation,
  { policy, rule, scope }: PreparedRule,
  facts: KnownFacts,
): Promise<Exemption | { readonly failure: Reason }> {
  const exceptions: PolicyException[] = []
  let unknown: Reason | undefined
  for (const exception of exceptionsNaming(evaluation, policy, rule)) {
    await yieldIfDue()
    const matched = await matchOf(evaluation, exception, facts)
    if (matched.kind === 'unreadable') return { failure: matched.reason }
    if (matched.kind === 'unknown') unknown = matched.reason
    if (matched.kind !== 'matches') continue
    const held =
      exception.conditions === undefined
        ? { holds: true }
        : await scope.holds(conditionsJson(exception.conditions), 'allow')
    // An exception whose conditions cannot be evaluated exempts nothing.
    if ('holds' in held && held.holds) exceptions.push(exception)
  }
  return { exceptions, ...(unknown === undefined ? {} : { unknown }) }
}

async function matchOf(evaluation: Evaluation, exception: PolicyException, facts: KnownFacts): Promise<FactMatch> {
  const match = (known: KnownFacts): KnownMatch => matchExceptionByKnownFacts(exception, known)
  const known = match(facts)
  return known === 'depends' ? readFacts(evaluation, facts, { blocks: exception, match }) : { kind: known }
}

/** Groups exceptions by the policies they name, once, so that an evaluation does not compare each policy with each. */
export function exceptionsByPolicy(
  exceptions: readonly PolicyException[],
): ReadonlyMap<string, readonly PolicyException[]> {
  const byPolicy = new Map<string, PolicyException[]>()
  for (const exception of exceptions) {
    for (const name of new Set(exception.exceptions.map(({ policyName }) => policyName))) {
      const known = byPolicy.get(name)
      if (known === undefined) byPolicy.set(name, [exception])
      else known.push(exception)
    }
  }
  return byPolicy
}

/** Exceptions for this rule, by the policy's key and the computed rule name. */
function exceptionsNaming(
  { settings }: Evaluation,
  { key }: CompiledPolicy,
  { name }: Rule,
): readonly PolicyException[] {
  return (settings.exceptions.get(key) ?? []).filter(({ exceptions }) =>
    exceptions.some(
      ({ policyName, ruleNames }) => policyName === key && ruleNames.some((pattern) => matchWildcard(pattern, name)),
    ),
  )
}
