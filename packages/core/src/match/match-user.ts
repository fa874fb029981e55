import type { MatchBlock, Subject } from '@verify-images/policy-parser'
import { matchWildcard } from '@verify-images/primitives'
import type { MatchRequest, RequestUser } from './match-request.ts'

/** What the block asks of the requester and is not so, in Kyverno's words. Roles, cluster roles and subjects must all hold. */
export function userMismatches(
  { roles = [], clusterRoles = [], subjects = [] }: MatchBlock,
  request: MatchRequest,
): readonly string[] {
  const mismatches: string[] = []
  if (roles.length > 0 && !roles.some((role) => request.roles.includes(role)))
    mismatches.push('user info does not match roles for the given conditionBlock')
  if (clusterRoles.length > 0 && !clusterRoles.some((role) => request.clusterRoles.includes(role)))
    mismatches.push('user info does not match clustersRoles for the given conditionBlock')
  if (subjects.length > 0 && !subjects.some((subject) => isSubject(subject, request.userInfo)))
    mismatches.push('user info does not match subject for the given conditionBlock')
  return mismatches
}

function isSubject({ kind, name, namespace = '' }: Subject, { username = '', groups = [] }: RequestUser): boolean {
  if (kind === 'ServiceAccount') return matchWildcard(`system:serviceaccount:${namespace}:${name}`, username)
  if (kind === 'User') return matchWildcard(name, username)
  return kind === 'Group' && groups.some((group) => matchWildcard(name, group))
}
