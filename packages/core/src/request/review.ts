import type { Json, JsonObject } from '@verify-images/policy-parser'
import type { GroupVersionKind, Operation, ResourceRequest, UserInfo } from './admission-request.ts'
import { isJsonObject } from './copy-json.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'
import { VerifierError } from '../verifier-error.ts'

/** `admission.k8s.io/v1`, as an API server sends it: `{ apiVersion, kind, request }`. */
export type AdmissionReview = object

/** The answer to an {@link AdmissionReview}: what a webhook sends back, as JSON. */
export interface AdmissionReviewResponse {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: {
    readonly uid: string
    readonly allowed: boolean
    readonly status?: { readonly status: 'Failure'; readonly message: string; readonly code: number }
    /** Base64 of a JSON Patch. */
    readonly patch?: string
    readonly patchType?: 'JSONPatch'
    readonly warnings?: readonly string[]
  }
}

export interface ReviewInput {
  readonly uid: string
  readonly resource: Json
  readonly request: ResourceRequest
}

const OPERATIONS: readonly string[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] satisfies Operation[]

/** @throws VerifierError VERIFIER_REVIEW_INVALID */
export function readReview(review: unknown): ReviewInput {
  if (!isJsonObject(review) || review['apiVersion'] !== 'admission.k8s.io/v1' || review['kind'] !== 'AdmissionReview') {
    throw invalid('expected an AdmissionReview of admission.k8s.io/v1')
  }
  const { request } = review
  if (!isJsonObject(request)) throw invalid('request is missing')
  const { uid, operation, object = null, oldObject = null, userInfo, namespace, subResource, kind, dryRun } = request
  if (typeof uid !== 'string' || uid === '') throw invalid('request.uid is missing')
  if (typeof operation !== 'string' || !OPERATIONS.includes(operation)) throw invalid('request.operation must be one of CREATE, UPDATE, DELETE, CONNECT')
  const resource = operation === 'DELETE' ? oldObject : object
  if (!isJsonObject(resource)) throw invalid(operation === 'DELETE' ? 'request.oldObject is missing' : 'request.object is missing')
  return {
    uid,
    resource: resource as JsonObject,
    request: {
      uid,
      operation: operation as Operation,
      ...(operation !== 'DELETE' && isJsonObject(oldObject) ? { oldObject } : {}),
      ...(isJsonObject(userInfo) ? { userInfo: userOf(userInfo) } : {}),
      ...(typeof namespace === 'string' ? { namespace } : {}),
      ...(typeof subResource === 'string' ? { subresource: subResource } : {}),
      // For subresources the request's kind may differ from the object's: rules select on it.
      ...(isJsonObject(kind) ? { kind: kindOf(kind) } : {}),
      dryRun: dryRun === true,
    },
  }
}

/** Wraps a verdict for the API server; a patch only when the request is admitted. */
export function toReviewResponse(uid: string, { admitted, denial, patches, warnings }: ResourceVerdict): AdmissionReviewResponse {
  return answer({
    uid,
    allowed: admitted,
    ...(admitted ? {} : { status: { status: 'Failure', message: denial ?? 'denied', code: 400 } }),
    ...(admitted && patches.length > 0 ? { patch: Buffer.from(JSON.stringify(patches)).toString('base64'), patchType: 'JSONPatch' } : {}),
    ...(admitted && warnings.length > 0 ? { warnings } : {}),
  })
}

/** Denies a request that could not even be read. */
export function refuseReview(review: unknown, message: string): AdmissionReviewResponse {
  const request = isJsonObject(review) ? review['request'] : undefined
  const uid = isJsonObject(request) && typeof request['uid'] === 'string' ? request['uid'] : ''
  return answer({ uid, allowed: false, status: { status: 'Failure', message, code: 400 } })
}

function answer(response: AdmissionReviewResponse['response']): AdmissionReviewResponse {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

function userOf(info: JsonObject): UserInfo {
  const { username, uid, groups } = info
  return {
    ...(typeof username === 'string' ? { username } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(Array.isArray(groups) ? { groups: (groups as readonly Json[]).filter((group) => typeof group === 'string') } : {}),
  }
}

function kindOf({ group, version, kind }: JsonObject): GroupVersionKind {
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
  return { group: text(group), version: text(version), kind: text(kind) }
}

function invalid(message: string): VerifierError {
  return new VerifierError('VERIFIER_REVIEW_INVALID', message)
}
