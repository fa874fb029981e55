import type { MatchBlock, MatchResources, Rule } from '@verify-images/policy-parser'
import { isAnonymous, type MatchRequest, type MatchResult } from './match-request.ts'
import { isEmptyDescription, resourceMismatches } from './match-resource.ts'
import { userMismatches } from './match-user.ts'
import { metadataOf, type ObjectMetadata } from './object-metadata.ts'

/**
 * Whether a rule concerns a request: `match` selects the object, or on DELETE the old one, and `exclude` does not.
 *
 * Blocks that ask for nothing select nothing, neither to match nor to exclude. Where nobody is known to ask, what `match`
 * demands of the requester is left out, and a block that asks for nothing else then selects nothing.
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
  const mismatches = reasonsAgainst(match, request, metadata)
  const reasons = mismatches.length > 0 || exclude === undefined ? mismatches : exclusions(exclude, request, metadata)
  if (reasons.length === 0) return { matched: true }
  return {
    matched: false,
    reason: [`rule ${name} not matched:`, ...reasons.map((reason, i) => ` ${String(i + 1)}. ${reason}`)].join('\n'),
  }
}

function reasonsAgainst(
  { any = [], all = [], ...legacy }: MatchResources,
  request: MatchRequest,
  object: ObjectMetadata,
): readonly string[] {
  if (any.length > 0)
    return any.some((block) => blockMismatches(block, request, object).length === 0) ? [] : ['no resource matched']
  return (all.length > 0 ? all : [legacy]).flatMap((block) => blockMismatches(block, request, object))
}

function blockMismatches(block: MatchBlock, request: MatchRequest, object: ObjectMetadata): readonly string[] {
  const asked = isAnonymous(request) ? { resources: block.resources ?? {} } : block
  if (isEmptyBlock(asked)) return ['match cannot be empty']
  return mismatchesOf(asked, request, object)
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
  // An operation that is not meant ends the comparison.
  return mismatches[0] === 'operation does not match' ? mismatches : [...mismatches, ...userMismatches(block, request)]
}

/** Upstream takes a list that is there, although empty, for something that is asked. */
function isEmptyBlock({ resources = {}, roles, clusterRoles, subjects }: MatchBlock): boolean {
  return isEmptyDescription(resources) && roles === undefined && clusterRoles === undefined && subjects === undefined
}
