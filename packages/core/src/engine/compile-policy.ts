import { computeRules, type Policy, type Rule } from '@verify-images/policy-parser'

/** A policy with the rules it comes to for each kind of object, computed once. */
export interface CompiledPolicy {
  readonly policy: Policy
  /** Its {@link policyKey}. */
  readonly key: string
  /** Rules for pod controllers included; `''` gives those of all kinds. */
  readonly rulesFor: (kind: string) => readonly Rule[]
}

/** Kinds whose rules may differ from those of any other kind. */
const KINDS_WITH_RULES: ReadonlySet<string> = new Set([
  '',
  'Pod',
  'DaemonSet',
  'Deployment',
  'Job',
  'StatefulSet',
  'ReplicaSet',
  'ReplicationController',
  'CronJob',
])

/** How a policy is named among all: `<namespace>/<name>`, or `<name>` for a ClusterPolicy. */
export function policyKey({ namespace, name }: Policy): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

export function compilePolicy(policy: Policy): CompiledPolicy {
  const byKind = new Map<string, readonly Rule[]>()
  return {
    policy,
    key: policyKey(policy),
    rulesFor: (kind) => {
      // An autogen annotation may name kinds of its own; those are rare, and only the known ones are worth keeping.
      const known = byKind.get(kind)
      if (known !== undefined) return known
      const rules = computeRules(policy, kind)
      if (KINDS_WITH_RULES.has(kind)) byKind.set(kind, rules)
      return rules
    },
  }
}

/** Whether a rule verifies images at all. */
export function verifiesImages(rule: Rule): boolean {
  return (rule.verifyImages ?? []).some((entry) =>
    Object.values(entry).some((value) => value !== undefined && value !== false),
  )
}

/** Whether the second phase has something to check of a rule. */
export function checksImages(rule: Rule): boolean {
  return (rule.verifyImages ?? []).some(({ verifyDigest, required }) => verifyDigest || required)
}
