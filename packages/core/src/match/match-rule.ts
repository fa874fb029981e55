import type { MatchBlock, MatchResources, Rule } from '@verify-images/policy-parser'
import { isAnonymous, type MatchRequest, type MatchResult } from './match-request.ts'
import { isEmptyDescription, resourceMismatches, userMismatches } from './match-block.ts'
import { metadataOf, type ObjectMetadata } from './object-metadata.ts'

/**
 * Returns whether a rule matches a request: `match` selects the object (on DELETE the old one) and `exclude` does not.
 *
 * An empty block selects nothing, in `match` and in `exclude`. When the requester is unknown, `match` ignores roles and
 * subjects; a block that selects by nothing else is then empty. `exclude` does not ignore them.
 *
 * @see Kyverno, pkg/engine/utils/match.go
 */
export function matchRule(
  { name, match, exclude }: Pick<Rule, 'name' | 'match' | 'exclude'>,
  request: MatchRequest,
): MatchResult {
  const object = request.object ?? request.oldObject
  if (object === undefined) return { matched: false, reason: 'resource is empty' }
  const metadata = metadataOf(object, request.namespace)
  const { policyNamespace = '' } = request
  if (policyNamespace !== '' && policyNamespace !== metadata.namespace)
    return { matched: false, reason: 'policy and resource namespaces mismatch' }
  const mismatches = matchMismatches(match, request, metadata)
  const reasons = mismatches.length > 0 || exclude === undefined ? mismatches : exclusions(exclude, request, metadata)
  if (reasons.length === 0) return { matched: true }
  return {
    matched: false,
    reason: [`rule ${name} not matched:`, ...reasons.map((reason, i) => ` ${String(i + 1)}. ${reason}`)].join('\n'),
  }
}

function matchMismatches(
  { any = [], all = [], ...legacy }: MatchResources,
  request: MatchRequest,
  object: ObjectMetadata,
): readonly string[] {
  if (any.length > 0)
    return any.some((block) => blockMismatches(block, request, object).length === 0) ? [] : ['no resource matched']
  return (all.length > 0 ? all : [legacy]).flatMap((block) => blockMismatches(block, request, object))
}

function blockMismatches(block: MatchBlock, request: MatchRequest, object: ObjectMetadata): readonly string[] {
  const applicable = isAnonymous(request) ? { resources: block.resources ?? {} } : block
  if (isEmptyBlock(applicable)) return ['match cannot be empty']
  return mismatchesOf(applicable, request, object)
}

function exclusions(
  { any = [], all = [], ...legacy }: MatchResources,
  request: MatchRequest,
  object: ObjectMetadata,
): readonly string[] {
  const excludes = (block: MatchBlock): boolean =>
    !isEmptyBlock(block) && mismatchesOf(block, request, object).length === 0
  if (any.length === 0 && all.length > 0)
    return all.every(excludes) ? ['resource excluded since the combination of all criteria exclude it'] : []
  return (any.length > 0 ? any : [legacy])
    .filter(excludes)
    .map(() => 'resource excluded since one of the criteria excluded it')
}

function mismatchesOf(block: MatchBlock, request: MatchRequest, object: ObjectMetadata): readonly string[] {
  const mismatches = resourceMismatches(block.resources ?? {}, request, object)
  // Kyverno compares nothing further when the operation does not match.
  return mismatches[0] === 'operation does not match' ? mismatches : [...mismatches, ...userMismatches(block, request)]
}

/** As in Kyverno, an empty array of roles or subjects makes a block non-empty, although it requires nothing. */
function isEmptyBlock({ resources = {}, roles, clusterRoles, subjects }: MatchBlock): boolean {
  return isEmptyDescription(resources) && roles === undefined && clusterRoles === undefined && subjects === undefined
}
