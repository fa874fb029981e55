import type { Json, JsonObject } from '@verify-images/policy-parser'
import type { AdmissionRequest, UserInfo } from '../request/admission-request.ts'
import { objectOf } from '../request/copy-json.ts'

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

function userVariable({ username = '', uid = '', groups = [], extra = {} }: UserInfo): JsonObject {
  const lists = objectOf(Object.entries(extra).map(([key, values]) => [key, [...values]] as const))
  return { ...withoutEmpty({ username, uid, groups: [...groups] }), ...(Object.keys(extra).length === 0 ? {} : { extra: lists }) }
}

/** As Go writes what it calls `omitempty`. */
function withoutEmpty(members: Readonly<Record<string, string | Json[]>>): JsonObject {
  return objectOf(Object.entries(members).filter(([, value]) => value.length > 0))
}
