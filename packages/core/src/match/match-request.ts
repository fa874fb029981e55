import type { JsonObject } from '@verify-images/primitives'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** The requester. An absent member was not stated, which is not the same as an empty one. */
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
  /** The namespace of the request; used for objects that do not state one. */
  readonly namespace?: string | undefined
}

/** Everything a match block can select by. */
export interface MatchRequest extends RequestObjects {
  readonly operation: string
  /** The kind of the request; for a subresource, the kind of its parent. */
  readonly gvk: GroupVersionKind
  /** Empty when the request is about the object itself. */
  readonly subresource: string
  readonly namespaceLabels: Readonly<Record<string, string>>
  /** Empty in a background scan, and so are the roles. */
  readonly userInfo: RequestUser
  /** Each as `namespace:name`. */
  readonly roles: readonly string[]
  readonly clusterRoles: readonly string[]
  /** Set for a namespaced policy, which applies to objects of its own namespace only. */
  readonly policyNamespace?: string | undefined
}

export interface MatchResult {
  readonly matched: boolean
  /** Why it did not match, in Kyverno's words. */
  readonly reason?: string
}

/** Returns whether the requester is unknown, as in a background scan or for an object that is checked offline. */
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
