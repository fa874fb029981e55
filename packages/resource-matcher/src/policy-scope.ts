import type { MatchResources, Policy } from '@verify-images/policy-parser'
import type { RequestObjects } from './match-request.ts'
import { metadataOf } from './object-metadata.ts'

/**
 * Whether a policy may concern these objects at all: a `Policy` sees only what is in its own namespace, and nothing that
 * is in none.
 */
export function policyApplies({ kind, namespace = 'default' }: Pick<Policy, 'kind' | 'namespace'>, { object, oldObject, namespace: requestNamespace }: RequestObjects): boolean {
  if (kind !== 'Policy') return true
  return [object, oldObject].every((each) => each === undefined || metadataOf(each, requestNamespace).namespace === (namespace || 'default'))
}

/** Whether `match` or `exclude` select by namespace labels, so that these have to be known. */
export function needsNamespaceLabels({ match, exclude }: { readonly match: MatchResources; readonly exclude?: MatchResources }): boolean {
  return [match, ...(exclude === undefined ? [] : [exclude])]
    .flatMap((resources) => [resources, ...(resources.any ?? []), ...(resources.all ?? [])])
    .some(({ resources }) => resources?.namespaceSelector !== undefined)
}
