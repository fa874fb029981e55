import { dump } from 'js-yaml'
import type { RuleResult } from './rule-result.ts'

/** What the denial text calls the object: `Kind/namespace/name`. */
export interface ObjectName {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/**
 * The text Kyverno's webhook answers a blocked request with: by policy and rule, the last message of each rule that
 * neither passed nor was skipped, Audit failures included.
 *
 * @see Kyverno, pkg/webhooks/utils/block.go
 */
export function denialText(object: ObjectName, rows: readonly RuleResult[]): string {
  const policies = new Map<string, Map<string, string>>()
  for (const row of rows) {
    if (row.status === 'pass' || row.status === 'skip') continue
    const rules = policies.get(row.policy) ?? new Map<string, string>()
    policies.set(row.policy, rules.set(row.rule, row.message))
  }
  const tree = Object.fromEntries([...policies].map(([policy, rules]) => [policy, Object.fromEntries(rules)]))
  const yaml = dump(tree, { sortKeys: true, lineWidth: -1, quoteStyle: 'single' })
  return `\n\nresource ${object.kind}/${object.namespace}/${object.name} was blocked due to the following policies \n\n${yaml}`
}
