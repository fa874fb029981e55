import { aBoolean, anything, isObject, type JsonObject, type OptionTable } from '@verify-images/primitives'
import { copyJsonObject } from './copy-json.ts'
import type { GroupVersionKind } from '../match/match-request.ts'
import { identityOf, requestedKind } from './object-identity.ts'
import { objectField, stringField, stringArraysField, stringMapField, stringsField, wrong } from './typed-field.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

export interface UserInfo {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What accompanies the resource. All members are optional. */
export interface ResourceRequest {
  /** `CREATE` by default. */
  readonly operation?: Operation
  readonly oldObject?: object
  readonly userInfo?: UserInfo
  /** Roles the requester is bound to, as `namespace:name`. */
  readonly roles?: readonly string[]
  readonly clusterRoles?: readonly string[]
  /**
   * Labels of the object's namespace. If absent they are read through {@link KubernetesReader}, once a rule needs them.
   */
  readonly namespaceLabels?: Readonly<Record<string, string>>
  /** Namespace of the request, if the object names none. */
  readonly namespace?: string
  readonly subresource?: string
  /** Kind of the request, if it differs from the object's (subresources). */
  readonly kind?: GroupVersionKind
  readonly uid?: string
  readonly dryRun?: boolean
  /**
   * Further members of the AdmissionRequest, for policies that mention them; by default what an API server usually
   * sends.
   */
  readonly admission?: AdmissionMembers
  readonly signal?: AbortSignal
  /** Milliseconds for the whole evaluation, including all requests. */
  readonly deadlineMs?: number
}

export const resourceRequestOptions: OptionTable<ResourceRequest> = {
  operation: anything,
  oldObject: anything,
  userInfo: anything,
  roles: anything,
  clusterRoles: anything,
  namespaceLabels: anything,
  namespace: anything,
  subresource: anything,
  kind: anything,
  uid: anything,
  dryRun: aBoolean,
  admission: anything,
  signal: anything,
  deadlineMs: anything,
}

/** Members of an AdmissionRequest that rules do not match by. */
export interface AdmissionMembers {
  /** Name of the object, if it has none of its own (subresources). */
  readonly name?: string
  readonly resource?: object
  readonly requestKind?: object
  readonly requestResource?: object
  readonly requestSubResource?: string
  readonly options?: object | null
}

/** The request as rules see it: copied, checked, with defaults. */
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
  /**
   * The requester, empty if there is none (a scan, or an object that is checked offline); undefined if it is unknown.
   */
  readonly userInfo: UserInfo | undefined
  /** The requester's roles; undefined if they were not stated, which an API server never does. */
  readonly roles: readonly string[] | undefined
  readonly clusterRoles: readonly string[] | undefined
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  readonly uid: string
  readonly dryRun: boolean
  readonly admission: JsonObject
  /** Whether it is a review, so that the API server vouches for the old object. */
  readonly fromApiServer: boolean
  /** Whether it is a background scan of an existing object, without a requester. */
  readonly scanned: boolean
}

export const OPERATIONS: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/** Who made a request, as far as it was stated; see {@link AdmissionRequest}. */
type Requester = Pick<AdmissionRequest, 'userInfo' | 'roles' | 'clusterRoles'>

/**
 * Reads the requester. An object that is passed in without one has none, as in Kyverno's command line; a review has
 * one, even if it does not say who.
 */
function requesterOf(request: ResourceRequest, isReview: boolean): Requester {
  const userInfo = userOf(request.userInfo)
  const isStated = Object.keys(userInfo).length > 0
  const roles = request.roles === undefined ? undefined : stringsField(request.roles, 'roles')
  const clusterRoles =
    request.clusterRoles === undefined ? undefined : stringsField(request.clusterRoles, 'clusterRoles')
  if (isReview || isStated) return { userInfo: isStated ? userInfo : undefined, roles, clusterRoles }
  return { userInfo, roles: roles ?? [], clusterRoles: clusterRoles ?? [] }
}

/**
 * @param isReview whether an API server asks, so that there is a requester
 * @throws VerifierError VERIFIER_RESOURCE_INVALID
 */
export function readRequest(resource: unknown, request: ResourceRequest, isReview: boolean = false): AdmissionRequest {
  const written: unknown = request
  if (!isObject(written)) throw wrong('the request', 'an object')
  const operation = request.operation ?? 'CREATE'
  if (!OPERATIONS.includes(operation)) throw wrong('operation', `one of ${OPERATIONS.join(', ')}`)
  const given = copyJsonObject(resource, 'resource')
  const oldObject = request.oldObject === undefined ? undefined : copyJsonObject(request.oldObject, 'oldObject')
  // On DELETE there is no new object, only the old one.
  const object = operation === 'DELETE' ? undefined : given
  const { gvk, metadata } = identityOf(object ?? oldObject ?? given, 'resource', isReview)
  if (object !== undefined && oldObject !== undefined) {
    // An object keeps its kind and namespace. If they differed, rules and policies would not match one of the two.
    if (identityOf(oldObject, 'oldObject', isReview).gvk.kind !== gvk.kind)
      throw wrong('oldObject', 'of the same kind as the resource')
    if (namespaceOf(object) !== namespaceOf(oldObject))
      throw wrong('oldObject', 'of the same namespace as the resource')
  }
  return {
    operation,
    object,
    oldObject: operation === 'DELETE' ? (oldObject ?? given) : oldObject,
    gvk: requestedKind(request, gvk),
    subresource: stringField(request.subresource, 'subresource'),
    name: textOf(metadata?.['name']),
    namespace: textOf(metadata?.['namespace']) || stringField(request.namespace, 'namespace'),
    ...requesterOf(request, isReview),
    namespaceLabels: stringMapField(request.namespaceLabels, 'namespaceLabels'),
    uid: stringField(request.uid, 'uid'),
    dryRun: request.dryRun === true,
    admission: copyJsonObject(admissionMembers(objectField(request.admission, 'admission')), 'admission'),
    fromApiServer: isReview,
    scanned: false,
  }
}

const ADMISSION_MEMBERS: readonly (keyof AdmissionMembers)[] = [
  'name',
  'resource',
  'requestKind',
  'requestResource',
  'requestSubResource',
  'options',
]

/** Picks these members of an AdmissionRequest. Empty ones are left out, as an API server does, except for `options`. */
export function admissionMembers(request: Readonly<Record<string, unknown>>): AdmissionMembers {
  const members = ADMISSION_MEMBERS.map(
    (name) => [name, Object.hasOwn(request, name) ? request[name] : undefined] as const,
  )
  return Object.fromEntries(
    members.filter(([name, value]) => value !== undefined && value !== '' && (value !== null || name === 'options')),
  )
}

/** @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function userOf(given: unknown): UserInfo {
  if (given === undefined || given === null) return {}
  if (!isObject(given)) throw wrong('userInfo', 'an object')
  const { username, uid, groups, extra } = given
  const known = stringArraysField(extra, 'userInfo.extra')
  return {
    ...(username === undefined ? {} : { username: stringField(username, 'userInfo.username') }),
    ...(uid === undefined ? {} : { uid: stringField(uid, 'userInfo.uid') }),
    ...(groups === undefined || groups === null ? {} : { groups: stringsField(groups, 'userInfo.groups') }),
    ...(known === undefined ? {} : { extra: known }),
  }
}

function namespaceOf({ metadata }: JsonObject): string {
  return isObject(metadata) ? textOf(metadata['namespace']) : ''
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
