import type { MatchBlock, PolicyException } from '@verify-images/policy-parser'
import type { MatchRequest } from './match-request.ts'
import { isEmptyDescription, resourceMismatches } from './match-resource.ts'
import { userMismatches } from './match-user.ts'
import { metadataOf } from './object-metadata.ts'

/**
 * Whether the `match` of an exception selects the object; its conditions and the rules it names are not asked here.
 *
 * It differs from the match of a rule: operations do not count, a selector for namespaces does not keep out a Namespace,
 * and what is asked of the requester holds also where nobody is known to ask, so an exception for a user exempts nothing then.
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
    const counts = namespaceSelector !== undefined && metadata.kind !== 'Namespace' && metadata.kind !== ''
    return (
      resourceMismatches({ ...description, ...(counts ? { namespaceSelector } : {}) }, request, metadata).length ===
        0 && userMismatches(block, request).length === 0
    )
  }
  return any.length > 0 ? any.some(selects) : all.length > 0 && all.every(selects)
}

function isEmptyFilter({ resources = {}, roles = [], clusterRoles = [], subjects = [] }: MatchBlock): boolean {
  return isEmptyDescription(resources) && roles.length === 0 && clusterRoles.length === 0 && subjects.length === 0
}
