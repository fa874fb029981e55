import type { JsonObject } from '@verify-images/policy-parser'
import { copyJsonObject, isJsonObject } from './copy-json.ts'
import { VerifierError } from '../verifier-error.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

export interface UserInfo {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** What came with the resource; everything may be left out. */
export interface ResourceRequest {
  /** `CREATE` unless given. */
  readonly operation?: Operation
  readonly oldObject?: object
  readonly userInfo?: UserInfo
  /** Roles the requester is bound to, as `namespace:name`. */
  readonly roles?: readonly string[]
  readonly clusterRoles?: readonly string[]
  /** Labels of the object's namespace; asked of {@link KubernetesReader} when absent, and empty when there is none to ask. */
  readonly namespaceLabels?: Readonly<Record<string, string>>
  /** Namespace of the request where the object names none. */
  readonly namespace?: string
  readonly subresource?: string
  /** Kind of the request when it is not the object's own (subresources). */
  readonly kind?: GroupVersionKind
  readonly uid?: string
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
  /** Milliseconds for the whole evaluation, all requests together. */
  readonly deadlineMs?: number
}

/** The request as the rules see it: copied, checked, gaps filled. */
export interface AdmissionRequest {
  readonly operation: Operation
  /** Absent on DELETE. */
  readonly object: JsonObject | undefined
  readonly oldObject: JsonObject | undefined
  readonly gvk: GroupVersionKind
  readonly subresource: string
  readonly name: string
  /** Empty for cluster-scoped objects. */
  readonly namespace: string
  readonly userInfo: UserInfo
  readonly roles: readonly string[]
  readonly clusterRoles: readonly string[]
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  readonly uid: string
  readonly dryRun: boolean
}

/** @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function readRequest(resource: unknown, request: ResourceRequest): AdmissionRequest {
  const operation = request.operation ?? 'CREATE'
  const given = copyJsonObject(resource, 'resource')
  const oldObject = request.oldObject === undefined ? undefined : copyJsonObject(request.oldObject, 'oldObject')
  // On DELETE the object arrives as the old one; there is no new one.
  const object = operation === 'DELETE' ? undefined : given
  const judged = object ?? oldObject ?? given
  const { apiVersion, kind, metadata } = judged
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || kind === '') {
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', 'resource has no apiVersion and kind')
  }
  if (metadata !== undefined && !isJsonObject(metadata)) throw new VerifierError('VERIFIER_RESOURCE_INVALID', 'metadata of the resource is not an object')
  const slash = apiVersion.indexOf('/')
  return {
    operation,
    object,
    oldObject: operation === 'DELETE' ? oldObject ?? given : oldObject,
    gvk: request.kind ?? { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind },
    subresource: request.subresource ?? '',
    name: textOf(metadata?.['name']),
    namespace: textOf(metadata?.['namespace']) || (request.namespace ?? ''),
    userInfo: request.userInfo ?? {},
    roles: request.roles ?? [],
    clusterRoles: request.clusterRoles ?? [],
    namespaceLabels: request.namespaceLabels,
    uid: request.uid ?? '',
    dryRun: request.dryRun ?? false,
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
