import { computeRules, podKinds, type Policy, type Rule } from '@verify-images/policy-parser'
import type { RuleResult } from '../verdict/rule-result.ts'

/** A rule as it is evaluated, with the place of the rule that it is or was generated from. */
export interface CompiledRule {
  readonly rule: Rule
  readonly place: Pick<RuleResult, 'source' | 'line'>
}

/** A policy with its computed rules for each kind of object. */
export interface CompiledPolicy {
  readonly policy: Policy
  /** Its {@link policyKey}. */
  readonly key: string
  /** Includes the rules for pod controllers; `''` returns those of all kinds. */
  readonly rulesFor: (kind: string) => readonly CompiledRule[]
}

/** Kinds whose rules may differ from those of any other kind; `''` is all of them. */
const KINDS_WITH_RULES: ReadonlySet<string> = new Set(['', ...podKinds])

/** Returns the unique name of a policy: `<namespace>/<name>`, or `<name>` for a ClusterPolicy. */
export function policyKey({ namespace, name }: Policy): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

export function compilePolicy(policy: Policy): CompiledPolicy {
  const byKind = new Map<string, readonly CompiledRule[]>()
  const places = policy.spec.rules.map((_, i) => placeOf(policy, i))
  return {
    policy,
    key: policyKey(policy),
    rulesFor: (kind) => {
      // An autogen annotation may name other kinds; an unbounded cache of them is not worth it.
      const known = byKind.get(kind)
      if (known !== undefined) return known
      const rules = computeRules(policy, kind).map(({ rule, origin }) => ({ rule, place: places[origin] ?? {} }))
      if (KINDS_WITH_RULES.has(kind)) byKind.set(kind, rules)
      return rules
    },
  }
}

function placeOf({ source, locate }: Policy, index: number): CompiledRule['place'] {
  const line = locate(`spec.rules[${String(index)}]`)?.line
  return { ...(source === undefined ? {} : { source }), ...(line === undefined ? {} : { line }) }
}

/** Returns whether the mutating phase has something to do for a rule. */
export function verifiesImages(rule: Rule): boolean {
  return (rule.verifyImages ?? []).some((entry) =>
    Object.values(entry).some((value) => value !== undefined && value !== false),
  )
}

/** Returns whether the validating phase has something to check for a rule. */
export function checksImages(rule: Rule): boolean {
  return (rule.verifyImages ?? []).some(({ verifyDigest, required }) => verifyDigest || required)
}
