import type { MatchBlock, PolicyException } from '@verify-images/policy-parser'
import type { MatchRequest } from './match-request.ts'
import { isEmptyDescription, resourceMismatches, userMismatches } from './match-block.ts'
import { metadataOf } from './object-metadata.ts'

/**
 * Returns whether the `match` of an exception selects the object. Its conditions and the rules it names are evaluated
 * elsewhere.
 *
 * Unlike the match of a rule, it ignores operations, does not apply `namespaceSelector` to a Namespace, and keeps roles
 * and subjects when the requester is unknown: an exception for a user then exempts nothing.
 *
 * @see Kyverno, pkg/engine/utils/exceptions.go
 */
export function matchException(
  { match: { any = [], all = [] } }: Pick<PolicyException, 'match'>,
  request: MatchRequest,
): boolean {
  const object = request.object ?? request.oldObject
  if (object === undefined) return false
  const metadata = metadataOf(object, request.namespace)
  const selects = (block: MatchBlock): boolean => {
    if (isEmptyFilter(block)) return false
    const { operations: _operations, namespaceSelector, ...description } = block.resources ?? {}
    const selectsByNamespace = namespaceSelector !== undefined && metadata.kind !== 'Namespace' && metadata.kind !== ''
    return (
      resourceMismatches({ ...description, ...(selectsByNamespace ? { namespaceSelector } : {}) }, request, metadata)
        .length === 0 && userMismatches(block, request).length === 0
    )
  }
  return any.length > 0 ? any.some(selects) : all.length > 0 && all.every(selects)
}

function isEmptyFilter({ resources = {}, roles = [], clusterRoles = [], subjects = [] }: MatchBlock): boolean {
  return isEmptyDescription(resources) && roles.length === 0 && clusterRoles.length === 0 && subjects.length === 0
}
