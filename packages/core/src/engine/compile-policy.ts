import { computeRules, podKinds, type Policy, type Rule } from '@verify-images/policy-parser'
import type { Problem } from '../problems.ts'
import { policyKey, type RuleResult } from '../verdict/rule-result.ts'

/** A rule as it is evaluated, with the place of the rule that it is or was generated from. */
export interface CompiledRule {
  readonly rule: Rule
  readonly place: RulePlace
}

export interface RulePlace extends Pick<RuleResult, 'source' | 'line'> {
  /** `spec.rules[0]` */
  readonly path: string
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

export function compilePolicy(policy: Policy): CompiledPolicy {
  const byKind = new Map<string, readonly CompiledRule[]>()
  const places = policy.spec.rules.map((_, i) => placeOfRule(policy, i))
  return {
    policy,
    key: policyKey(policy),
    rulesFor: (kind) => {
      // An autogen annotation may name other kinds; an unbounded cache of them is not worth it.
      const known = byKind.get(kind)
      if (known !== undefined) return known
      const rules = computeRules(policy, kind).map(({ rule, origin }) => ({
        rule,
        place: places[origin] ?? { path: `spec.rules[${String(origin)}]` },
      }))
      if (KINDS_WITH_RULES.has(kind)) byKind.set(kind, rules)
      return rules
    },
  }
}

function placeOfRule(policy: Policy, index: number): RulePlace {
  const path = `spec.rules[${String(index)}]`
  const { column: _column, ...place } = placeOf(policy, path)
  return { path, ...place }
}

/** Returns where a path of a policy is written; of the nearest parent if it is not written itself. */
export function placeOf({ source, locate }: Policy, path: string): Pick<Problem, 'source' | 'line' | 'column'> {
  return { ...(source === undefined ? {} : { source }), ...locate(path) }
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
