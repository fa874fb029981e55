import type { Json, JsonObject } from '@verify-images/primitives'
import type { AdmissionRequest, UserInfo } from '../../request/admission-request.ts'
import { objectOf } from '../../request/copy-json.ts'

/**
 * Returns the variable `request` with exactly the members that Kyverno sets: an expression that mentions a missing
 * member fails, where an empty one would be a value.
 *
 * @see Kubernetes, admission/v1 AdmissionRequest; Kyverno, pkg/engine/policycontext
 */
export function requestVariable(request: AdmissionRequest, object: JsonObject | undefined): JsonObject {
  const { namespace, operation, oldObject, dryRun } = request
  // A background scan has no requester.
  if (request.scanned) return { ...(object === undefined ? {} : { object }), namespace, operation }
  return {
    ...withoutEmpty({ name: request.name, namespace, subResource: request.subresource }),
    ...usualMembers(request),
    ...request.admission,
    uid: request.uid,
    kind: { ...request.gvk },
    operation,
    userInfo: userVariable(request.userInfo ?? {}),
    ...withoutEmpty({ roles: [...(request.roles ?? [])], clusterRoles: [...(request.clusterRoles ?? [])] }),
    dryRun,
    ...(dryRun ? { synchronize: true } : {}),
    object: object ?? null,
    oldObject: oldObject ?? null,
  }
}

/**
 * Returns the members that an API server always sends, with their values for a request that needs no conversion and has
 * no options. A policy may test whether they are present.
 */
function usualMembers({ gvk, operation, subresource }: AdmissionRequest): JsonObject {
  const { group, version, kind } = gvk
  const resource = { group, version, resource: pluralOf(kind.toLowerCase()) }
  const options = operation === 'CONNECT' ? null : { kind: OPTIONS[operation], apiVersion: 'meta.k8s.io/v1' }
  return {
    resource,
    requestKind: { ...gvk },
    requestResource: { ...resource },
    ...withoutEmpty({ requestSubResource: subresource }),
    options,
  }
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const

/** @see Kubernetes, apimachinery UnsafeGuessKindToResource, which is right for all built-in kinds */
function pluralOf(kind: string): string {
  if (kind.endsWith('s')) return `${kind}es`
  return kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`
}

function userVariable({ username = '', uid = '', groups = [], extra = {} }: UserInfo): JsonObject {
  const lists = objectOf(Object.entries(extra).map(([key, values]) => [key, [...values]] as const))
  return {
    ...withoutEmpty({ username, uid, groups: [...groups] }),
    ...(Object.keys(extra).length === 0 ? {} : { extra: lists }),
  }
}

/** Returns the members that are not empty, as Go encodes fields with `omitempty`. */
function withoutEmpty(members: Readonly<Record<string, string | Json[]>>): JsonObject {
  return objectOf(Object.entries(members).filter(([, value]) => value.length > 0))
}
