import type { Json, JsonObject } from '@verify-images/primitives'
import type { AdmissionRequest, UserInfo } from '../../request/admission-request.ts'
import { objectOf } from '../../request/copy-json.ts'

/**
 * The variable `request`, with the members that Kyverno has, and no others: a missing member is an error where an empty
 * one would be a value.
 *
 * @see Kubernetes, admission/v1 AdmissionRequest; Kyverno, pkg/engine/policycontext
 */
export function requestVariable(request: AdmissionRequest, object: JsonObject | undefined): JsonObject {
  const { namespace, operation, oldObject, dryRun } = request
  // A background scan knows of nobody who asked.
  if (request.scanned) return { ...(object === undefined ? {} : { object }), namespace, operation }
  return {
    ...withoutEmpty({ name: request.name, namespace, subResource: request.subresource }),
    ...usualMembers(request),
    ...request.admission,
    uid: request.uid,
    kind: { ...request.gvk },
    operation,
    userInfo: userVariable(request.userInfo),
    ...withoutEmpty({ roles: [...request.roles], clusterRoles: [...request.clusterRoles] }),
    dryRun,
    ...(dryRun ? { synchronize: true } : {}),
    object: object ?? null,
    oldObject: oldObject ?? null,
  }
}

/**
 * What an API server says that converts nothing and was asked for nothing unusual. A policy may ask whether these are
 * there, and they always are.
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

/** @see Kubernetes, apimachinery UnsafeGuessKindToResource: right for all kinds of its own */
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

/** As Go writes what it calls `omitempty`. */
function withoutEmpty(members: Readonly<Record<string, string | Json[]>>): JsonObject {
  return objectOf(Object.entries(members).filter(([, value]) => value.length > 0))
}
