import type { MatchBlock, MatchResources, Policy } from '@verify-images/policy-parser'
import { matchesKind } from './kind-selector.ts'
import type { MatchRequest, RequestObjects } from './match-request.ts'
import { metadataOf } from './object-metadata.ts'

/**
 * Returns whether a policy applies to these objects at all: a `Policy` applies to objects of its own namespace only,
 * and not to cluster-scoped ones.
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
 * Returns whether a rule may match the kind of a request, whatever else it selects by: in a cluster, only policies with
 * such a rule are evaluated. A block without kinds may match any kind.
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

/** Returns whether `match` or `exclude` selects by namespace labels, so that they have to be fetched. */
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

/** Returns whether `match` or `exclude` selects by the requester's roles, so that they have to be known. */
export function needsRoles({
  match,
  exclude,
}: {
  readonly match: MatchResources
  readonly exclude?: MatchResources
}): boolean {
  return [match, ...(exclude === undefined ? [] : [exclude])]
    .flatMap(blocksOf)
    .some(({ roles = [], clusterRoles = [] }) => roles.length > 0 || clusterRoles.length > 0)
}

/** Returns all blocks of `match` and `exclude`. */
export function matchBlocksOf({
  match,
  exclude,
}: {
  readonly match: MatchResources
  readonly exclude?: MatchResources
}): readonly MatchBlock[] {
  return [match, ...(exclude === undefined ? [] : [exclude])].flatMap(blocksOf)
}

function blocksOf(resources: MatchResources): readonly MatchBlock[] {
  return [resources, ...(resources.any ?? []), ...(resources.all ?? [])]
}
