import type { JsonObject } from '@verify-images/policy-parser'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Who asks. A member that is absent was not given, which is not the same as an empty one. */
export interface RequestUser {
  readonly username?: string | undefined
  readonly uid?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined
}

/** The objects of a request. */
export interface RequestObjects {
  /** The new object; absent on DELETE, where the old one is matched. */
  readonly object?: JsonObject | undefined
  readonly oldObject?: JsonObject | undefined
  /** The namespace of the request, for objects that name none themselves. */
  readonly namespace?: string | undefined
}

/** Everything that a match block can ask about. */
export interface MatchRequest extends RequestObjects {
  readonly operation: string
  /** The kind the request is about: of a subresource, its parent. */
  readonly gvk: GroupVersionKind
  /** Empty when the request is about the object itself. */
  readonly subresource: string
  readonly namespaceLabels: Readonly<Record<string, string>>
  /** Empty in a background scan, together with the roles. */
  readonly userInfo: RequestUser
  /** As `namespace:name`. */
  readonly roles: readonly string[]
  readonly clusterRoles: readonly string[]
  /** Of a namespaced policy: it concerns objects of its own namespace only. */
  readonly policyNamespace?: string | undefined
}

export interface MatchResult {
  readonly matched: boolean
  /** Why not, in Kyverno's words. */
  readonly reason?: string
}

/** Whether nothing is known of who asks: a background scan, or an object that is checked offline. */
export function isAnonymous({
  userInfo: { username = '', uid = '', groups, extra },
  roles,
  clusterRoles,
}: MatchRequest): boolean {
  return (
    username === '' &&
    uid === '' &&
    groups === undefined &&
    extra === undefined &&
    roles.length === 0 &&
    clusterRoles.length === 0
  )
}
