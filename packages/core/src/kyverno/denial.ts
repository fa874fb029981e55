import type { ObjectName, PolicyResponse } from '../engine/ports.ts'
import { goYaml } from './go-yaml.ts'

/**
 * Returns the text with which Kyverno's webhook denies a request: by policy and rule, the last message of each rule
 * that neither passed nor was skipped, including Audit failures. Policies are listed by name only, so of two with the
 * same name the later replaces the earlier. Kyverno evaluates ClusterPolicies before Policies.
 *
 * @see Kyverno, pkg/webhooks/utils/block.go
 */
export function denialText(object: ObjectName, responses: readonly Pick<PolicyResponse, 'policy' | 'rows'>[]): string {
  const inOrder = [...responses.filter(isClusterWide), ...responses.filter((response) => !isClusterWide(response))]
  const failures = inOrder.map(
    ({ policy, rows }) => [policy.name, rows.filter(({ status }) => status !== 'pass' && status !== 'skip')] as const,
  )
  const policies = failures
    .filter(([, rows]) => rows.length > 0)
    .map(([policy, rows]) => [policy, new Map(rows.map(({ rule, message }) => [rule, message]))] as const)
  const name = `${object.kind}/${object.namespace}/${object.name}`
  return `\n\nresource ${name} was blocked due to the following policies \n\n${goYaml(new Map(policies))}`
}

function isClusterWide({ policy }: Pick<PolicyResponse, 'policy'>): boolean {
  return policy.namespace === undefined
}
