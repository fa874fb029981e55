import type { MatchBlock, MatchResources, Policy } from '@verify-images/policy-parser'
import { matchesKind } from './kind-selector.ts'
import type { MatchRequest, RequestObjects } from './match-request.ts'
import { metadataOf } from './object-metadata.ts'

/**
 * Whether a policy may concern these objects at all: a `Policy` sees only what is in its own namespace, and nothing that
 * is in none.
 */
export function policyApplies(
  { kind, namespace = 'default' }: Pick<Policy, 'kind' | 'namespace'>,
  { object, oldObject, namespace: requestNamespace }: RequestObjects,
): boolean {
  if (kind !== 'Policy') return true
  return [object, oldObject].every(
    (each) => each === undefined || metadataOf(each, requestNamespace).namespace === (namespace || 'default'),
  )
}

/**
 * Whether a rule is for the kind of a request at all, whatever else it selects: a cluster asks only policies that have such
 * a rule. A block that names no kinds may be for any.
 *
 * @see Kyverno, pkg/policycache
 */
export function isForKind(
  { match }: { readonly match: MatchResources },
  { gvk, subresource }: Pick<MatchRequest, 'gvk' | 'subresource'>,
): boolean {
  const { any = [], all = [] } = match
  const blocks = any.length + all.length > 0 ? [...any, ...all] : [match]
  return blocks.some(({ resources: { kinds = [] } = {} }) => kinds.length === 0 || matchesKind(kinds, gvk, subresource))
}

/** Whether `match` or `exclude` select by namespace labels, so that these have to be known. */
export function needsNamespaceLabels({
  match,
  exclude,
}: {
  readonly match: MatchResources
  readonly exclude?: MatchResources
}): boolean {
  return [match, ...(exclude === undefined ? [] : [exclude])]
    .flatMap(blocksOf)
    .some(({ resources }) => resources?.namespaceSelector !== undefined)
}

function blocksOf(resources: MatchResources): readonly MatchBlock[] {
  return [resources, ...(resources.any ?? []), ...(resources.all ?? [])]
}
