import { isObject, type JsonObject } from '@verify-images/primitives'
import { copyJsonObject } from './copy-json.ts'
import { objectField, textField, textListsField, textMapField, textsField, wrong } from './typed-field.ts'
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
  /** Further members of the AdmissionRequest, for policies that mention them; what an API server usually says unless given. */
  readonly admission?: AdmissionMembers
  readonly signal?: AbortSignal
  /** Milliseconds for the whole evaluation, all requests together. */
  readonly deadlineMs?: number
}

/** What an API server says about a request beside the object, and no part of matching. */
export interface AdmissionMembers {
  /** Of the object, where it names none of its own (subresources). */
  readonly name?: string
  readonly resource?: object
  readonly requestKind?: object
  readonly requestResource?: object
  readonly requestSubResource?: string
  readonly options?: object | null
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
  readonly admission: JsonObject
  /** Whether nobody asked: the object is there already, and a background scan looks at it. */
  readonly scanned: boolean
}

export const OPERATIONS: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/** @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function readRequest(resource: unknown, request: ResourceRequest): AdmissionRequest {
  const written: unknown = request
  if (!isObject(written)) throw wrong('the request', 'an object')
  const operation = request.operation ?? 'CREATE'
  if (!OPERATIONS.includes(operation)) throw wrong('operation', `one of ${OPERATIONS.join(', ')}`)
  const given = copyJsonObject(resource, 'resource')
  const oldObject = request.oldObject === undefined ? undefined : copyJsonObject(request.oldObject, 'oldObject')
  // On DELETE the object arrives as the old one; there is no new one.
  const object = operation === 'DELETE' ? undefined : given
  const { gvk, metadata } = identityOf(object ?? oldObject ?? given, 'resource')
  if (object !== undefined && oldObject !== undefined) {
    // An object keeps its kind and its namespace; with another, rules and policies would pass over the one or the other.
    if (identityOf(oldObject, 'oldObject').gvk.kind !== gvk.kind)
      throw wrong('oldObject', 'of the same kind as the resource')
    if (namespaceOf(object) !== namespaceOf(oldObject))
      throw wrong('oldObject', 'of the same namespace as the resource')
  }
  return {
    operation,
    object,
    oldObject: operation === 'DELETE' ? (oldObject ?? given) : oldObject,
    gvk: requestedKind(request, gvk),
    subresource: textField(request.subresource, 'subresource'),
    name: textOf(metadata?.['name']),
    namespace: textOf(metadata?.['namespace']) || textField(request.namespace, 'namespace'),
    userInfo: userOf(request.userInfo),
    roles: textsField(request.roles, 'roles'),
    clusterRoles: textsField(request.clusterRoles, 'clusterRoles'),
    namespaceLabels: textMapField(request.namespaceLabels, 'namespaceLabels'),
    uid: textField(request.uid, 'uid'),
    dryRun: request.dryRun === true,
    admission: copyJsonObject(admissionMembers(objectField(request.admission, 'admission')), 'admission'),
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

/** These members of an AdmissionRequest. What is empty is left out, as an API server does, except for `options`. */
export function admissionMembers(request: Readonly<Record<string, unknown>>): AdmissionMembers {
  const members = ADMISSION_MEMBERS.map(
    (name) => [name, Object.hasOwn(request, name) ? request[name] : undefined] as const,
  )
  return Object.fromEntries(
    members.filter(([name, value]) => value !== undefined && value !== '' && (value !== null || name === 'options')),
  )
}

/**
 * Kind and metadata of the object that is judged.
 *
 * Labels that are no texts would count as none, and what selects on the others would pass the object over; so would names. A list of
 * objects is of no kind that any policy is about, although kubectl creates what is in it. Kubernetes has no other kinds
 * whose names end so.
 */
function identityOf(
  { apiVersion, kind, metadata, items }: JsonObject,
  what: string,
): { readonly gvk: GroupVersionKind; readonly metadata: JsonObject | undefined } {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || kind === '' || apiVersion.split('/').length > 2) {
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `${what} has no apiVersion and kind`)
  }
  if (kind.endsWith('List') && (items !== undefined || isOfKubernetes(apiVersion)))
    throw new VerifierError(
      'VERIFIER_RESOURCE_INVALID',
      `${what} is a ${kind.slice(0, 80)}: each of its items has to be judged`,
    )
  if (metadata !== undefined && !isObject(metadata))
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `metadata of the ${what} is not an object`)
  for (const name of ['name', 'namespace', 'generateName'])
    textField(metadata?.[name] ?? undefined, `the ${what}'s metadata.${name}`)
  for (const name of ['labels', 'annotations']) textMapField(metadata?.[name], `the ${what}'s metadata.${name}`)
  const slash = apiVersion.indexOf('/')
  return {
    gvk: { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind },
    metadata,
  }
}

function isOfKubernetes(apiVersion: string): boolean {
  return !apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/'))).includes('.')
}

/** A request is about the kind of its object, unless it is about a subresource: rules for the one would pass over the other. */
function requestedKind({ kind, subresource }: ResourceRequest, own: GroupVersionKind): GroupVersionKind {
  if (kind === undefined) return own
  const requested = kindOf(kind)
  if (textField(subresource, 'subresource') === '' && (requested.kind !== own.kind || requested.group !== own.group))
    throw wrong('kind', 'that of the resource, although the request names no subresource')
  return requested
}

/** @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function kindOf(given: unknown): GroupVersionKind {
  if (!isObject(given) || given['kind'] === '' || given['kind'] === undefined)
    throw wrong('kind', 'group, version and kind')
  return {
    group: textField(given['group'], 'kind.group'),
    version: textField(given['version'], 'kind.version'),
    kind: textField(given['kind'], 'kind.kind'),
  }
}

/** @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function userOf(given: unknown): UserInfo {
  if (given === undefined || given === null) return {}
  if (!isObject(given)) throw wrong('userInfo', 'an object')
  const { username, uid, groups, extra } = given
  const known = textListsField(extra, 'userInfo.extra')
  return {
    ...(username === undefined ? {} : { username: textField(username, 'userInfo.username') }),
    ...(uid === undefined ? {} : { uid: textField(uid, 'userInfo.uid') }),
    ...(groups === undefined || groups === null ? {} : { groups: textsField(groups, 'userInfo.groups') }),
    ...(known === undefined ? {} : { extra: known }),
  }
}

function namespaceOf({ metadata }: JsonObject): string {
  return isObject(metadata) ? textOf(metadata['namespace']) : ''
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
