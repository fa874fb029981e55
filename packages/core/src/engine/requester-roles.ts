import type { Reason } from '@verify-images/attestor-evaluator'
import { isJsonArray, isJsonObject, yieldIfDue, type Json, type JsonObject, messageOf } from '@verify-images/primitives'
import type { CheckedReader } from '../kubernetes.ts'
import type { AdmissionRequest, UserInfo } from '../request/admission-request.ts'

export interface BoundRoles {
  /** Each as `namespace:name`. */
  readonly roles: readonly string[]
  readonly clusterRoles: readonly string[]
}

export type RequesterRoles = BoundRoles | { readonly failure: Reason }

/**
 * Returns the roles that the requester is bound to: those of the request, else those that the cluster binds.
 *
 * An API server does not send them. Unknown roles are a failure, never "no roles": a rule that selects by
 * them would silently not apply.
 */
export async function requesterRoles(
  { userInfo, roles, clusterRoles, namespace }: AdmissionRequest,
  kubernetes: CheckedReader | undefined,
  signal: AbortSignal,
): Promise<RequesterRoles> {
  if (roles !== undefined && clusterRoles !== undefined) return { roles, clusterRoles }
  if (userInfo === undefined) return failure('the request does not say who made it')
  if (kubernetes?.list === undefined)
    return failure(
      'the roles of the requester are needed: pass `roles` and `clusterRoles`, or `kubernetes` with `list`',
    )
  try {
    const [ofNamespaces, ofCluster] = await Promise.all([
      kubernetes.list('RoleBinding', signal),
      kubernetes.list('ClusterRoleBinding', signal),
    ])
    if (ofNamespaces === undefined || ofCluster === undefined) return failure('the reader knows no role bindings')
    const bound = await boundRoles({ ofNamespaces, ofCluster }, userInfo, namespace, signal)
    return { roles: roles ?? bound.roles, clusterRoles: clusterRoles ?? bound.clusterRoles }
  } catch (error) {
    return failure(`the role bindings cannot be read: ${messageOf(error)}`)
  }
}

function failure(message: string): RequesterRoles {
  return { failure: { code: 'VERIFIER_ROLES_UNAVAILABLE', message, difference: 'adm-roles-unknown' } }
}

interface Bindings {
  readonly ofNamespaces: readonly JsonObject[]
  readonly ofCluster: readonly JsonObject[]
}

/**
 * Returns the roles of all bindings whose subjects name the user. The ClusterRole of a RoleBinding counts in the
 * binding's own namespace only.
 *
 * @see Kyverno, pkg/userinfo/roleRef.go
 */
async function boundRoles(
  { ofNamespaces, ofCluster }: Bindings,
  user: UserInfo,
  requestNamespace: string,
  signal: AbortSignal,
): Promise<BoundRoles> {
  const roles = new Set<string>()
  const clusterRoles = new Set<string>()
  const requester = { username: user.username ?? '', groups: new Set(user.groups) }
  for (const binding of ofNamespaces) {
    await yieldIfDue(signal)
    const { namespace, role } = await roleOfSubject(binding, requester, signal)
    if (role?.kind === 'Role') roles.add(`${namespace}:${role.name}`)
    if (role?.kind === 'ClusterRole' && namespace === requestNamespace) clusterRoles.add(role.name)
  }
  for (const binding of ofCluster) {
    await yieldIfDue(signal)
    const { role } = await roleOfSubject(binding, requester, signal)
    if (role?.kind === 'ClusterRole') clusterRoles.add(role.name)
  }
  return { roles: [...roles].sort(), clusterRoles: [...clusterRoles].sort() }
}

interface Requester {
  readonly username: string
  readonly groups: ReadonlySet<string>
}

interface BoundRole {
  readonly namespace: string
  /** Absent if the binding does not name the requester. */
  readonly role?: { readonly kind: string; readonly name: string }
}

/** @throws Error for a binding of another shape, whose subjects might name the requester */
async function roleOfSubject(
  { metadata, roleRef, subjects = [] }: JsonObject,
  requester: Requester,
  signal: AbortSignal,
): Promise<BoundRole> {
  const namespace = textOf(metadata, 'namespace')
  // Go encodes an absent array as null.
  const listed = subjects ?? []
  if (!isJsonObject(roleRef) || !isJsonArray(listed)) throw new Error('a role binding is not one of RBAC')
  for (const subject of listed) {
    await yieldIfDue(signal)
    if (isRequester(subject, namespace, requester))
      return { namespace, role: { kind: textOf(roleRef, 'kind'), name: textOf(roleRef, 'name') } }
  }
  return { namespace }
}

function isRequester(subject: Json, bindingNamespace: string, { username, groups }: Requester): boolean {
  const name = textOf(subject, 'name')
  switch (textOf(subject, 'kind')) {
    case 'ServiceAccount': {
      const namespace = textOf(subject, 'namespace') || bindingNamespace
      return namespace !== '' && username === `system:serviceaccount:${namespace}:${name}`
    }
    case 'Group':
      return groups.has(name)
    case 'User':
      return username === name
    default:
      return false
  }
}

function textOf(object: Json | undefined, member: string): string {
  if (!isJsonObject(object)) throw new Error('a role binding is not one of RBAC')
  const value = object[member] ?? ''
  if (typeof value !== 'string') throw new Error('a role binding is not one of RBAC')
  return value
}
