import type { PolicyResponse } from './decide.ts'
import { goYaml } from './go-yaml.ts'

/** What the denial text calls the object: `Kind/namespace/name`. */
export interface ObjectName {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/**
 * The text Kyverno's webhook answers a blocked request with: by policy and rule, the last message of each rule that
 * neither passed nor was skipped, Audit failures included. Policies go by their names alone, so of two that have the same
 * one is heard: a Policy rather than a ClusterPolicy, which is asked before it.
 *
 * @see Kyverno, pkg/webhooks/utils/block.go
 */
export function denialText(object: ObjectName, responses: readonly Pick<PolicyResponse, 'policy' | 'rows'>[]): string {
  const asAsked = [...responses.filter(isOfCluster), ...responses.filter((response) => !isOfCluster(response))]
  const failures = asAsked.map(
    ({ policy, rows }) => [policy.name, rows.filter(({ status }) => status !== 'pass' && status !== 'skip')] as const,
  )
  const policies = failures
    .filter(([, rows]) => rows.length > 0)
    .map(([policy, rows]) => [policy, new Map(rows.map(({ rule, message }) => [rule, message]))] as const)
  return `\n\nresource ${object.kind}/${object.namespace}/${object.name} was blocked due to the following policies \n\n${goYaml(new Map(policies))}`
}

function isOfCluster({ policy }: Pick<PolicyResponse, 'policy'>): boolean {
  return policy.namespace === undefined
}
