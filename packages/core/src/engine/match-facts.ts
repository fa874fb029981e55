import type { Reason } from '@verify-images/attestor-evaluator'
import type { Rule } from '@verify-images/policy-parser'
import type { JsonObject } from '@verify-images/primitives'
import type { KnownFacts, KnownMatch } from '../match/match-known-facts.ts'
import { needsNamespaceLabels } from '../match/policy-scope.ts'
import type { CompiledPolicy } from './compile-policy.ts'
import type { Evaluation } from './evaluation.ts'

/** Whether something matches once the facts that it depends on were read. */
export type FactMatch =
  | { readonly kind: 'matches' | 'does-not-match' }
  /** The labels of the namespace could not be read. */
  | { readonly kind: 'unreadable'; readonly reason: Reason }
  /** The requester's roles are unknown, and only they can tell. */
  | { readonly kind: 'unknown'; readonly reason: Reason }

/** Returns what is known of a request before anything is read. */
export function factsOf(
  { request }: Evaluation,
  { policy }: CompiledPolicy,
  object: JsonObject | undefined,
): KnownFacts {
  const { operation, oldObject, namespace, gvk, subresource, userInfo, roles, clusterRoles } = request
  return {
    operation,
    namespace,
    gvk,
    subresource,
    userInfo,
    roles,
    clusterRoles,
    namespaceLabels: undefined,
    ...(object === undefined ? {} : { object }),
    ...(oldObject === undefined ? {} : { oldObject }),
    ...(policy.namespace === undefined ? {} : { policyNamespace: policy.namespace }),
  }
}

/** What selects an object: the `match` and `exclude` of a rule, or the `match` of an exception. */
export interface Selection {
  readonly blocks: Pick<Rule, 'match' | 'exclude'>
  readonly match: (facts: KnownFacts) => KnownMatch
}

/** Reads the facts that a match depends on: the labels of the namespace (S21), then the requester's roles. */
export async function readFacts(
  evaluation: Evaluation,
  facts: KnownFacts,
  { blocks, match }: Selection,
): Promise<FactMatch> {
  const labels = needsNamespaceLabels(blocks) ? await evaluation.namespaceLabels() : { labels: {} }
  const labelled = 'failure' in labels ? facts : { ...facts, namespaceLabels: labels.labels }
  const byLabels = match(labelled)
  if (byLabels !== 'depends') return { kind: byLabels }
  if (facts.roles !== undefined && facts.clusterRoles !== undefined && 'failure' in labels)
    return { kind: 'unreadable', reason: labels.failure }
  const requester = await evaluation.requesterRoles()
  const byRoles = match('failure' in requester ? labelled : { ...labelled, ...requester })
  if (byRoles !== 'depends') return { kind: byRoles }
  if ('failure' in labels) return { kind: 'unreadable', reason: labels.failure }
  if ('failure' in requester) return { kind: 'unknown', reason: requester.failure }
  // Without a requester, only subjects are left: a review that does not say who made it.
  return { kind: 'unknown', reason: UNKNOWN_REQUESTER }
}

const UNKNOWN_REQUESTER: Reason = {
  code: 'VERIFIER_ROLES_UNAVAILABLE',
  message: 'the review does not say who made the request',
  difference: 'adm-roles-unknown',
}
