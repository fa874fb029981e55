import { isObject } from '@verify-images/primitives'
import { admissionMembers, OPERATIONS, userOf, type ResourceRequest } from './admission-request.ts'
import { kindOf } from './object-identity.ts'
import { stringField } from './typed-field.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'
import { VerifierError } from '../verifier-error.ts'

/** `admission.k8s.io/v1`, as an API server sends it. */
export interface AdmissionReview {
  readonly apiVersion?: string
  readonly kind?: string
  readonly request?: object | null
}

/** The answer to an {@link AdmissionReview}, which a webhook sends back as JSON. */
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
  readonly resource: object
  readonly request: ResourceRequest
}

/** @throws VerifierError VERIFIER_REVIEW_INVALID, VERIFIER_RESOURCE_INVALID */
export function readReview(review: unknown): ReviewInput {
  if (!isObject(review) || review['apiVersion'] !== 'admission.k8s.io/v1' || review['kind'] !== 'AdmissionReview') {
    throw invalid('expected an AdmissionReview of admission.k8s.io/v1')
  }
  const { request } = review
  if (!isObject(request)) throw invalid('request is missing')
  const { uid, operation, object = null, oldObject = null, userInfo, namespace, subResource, kind, dryRun } = request
  if (typeof uid !== 'string' || uid === '') throw invalid('request.uid is missing')
  const known = OPERATIONS.find((each) => each === operation)
  if (known === undefined) throw invalid(`request.operation: expected one of ${OPERATIONS.join(', ')}`)
  const resource = operation === 'DELETE' ? oldObject : object
  if (!isObject(resource))
    throw invalid(operation === 'DELETE' ? 'request.oldObject is missing' : 'request.object is missing')
  return {
    uid,
    resource,
    request: {
      uid,
      operation: known,
      ...(operation !== 'DELETE' && isObject(oldObject) ? { oldObject } : {}),
      userInfo: userOf(userInfo),
      namespace: stringField(namespace ?? undefined, 'request.namespace'),
      subresource: stringField(subResource ?? undefined, 'request.subResource'),
      // For subresources the request's kind may differ from the object's; rules match by it.
      ...(kind === undefined || kind === null ? {} : { kind: kindOf(kind) }),
      dryRun: dryRun === true,
      admission: { options: null, ...admissionMembers(request) },
    },
  }
}

/** Converts a verdict for the API server, with a patch only if the request is admitted. */
export function toReviewResponse(
  uid: string,
  { admitted, denial, patches, warnings }: ResourceVerdict,
): AdmissionReviewResponse {
  return answer({
    uid,
    allowed: admitted,
    ...(admitted ? {} : { status: { status: 'Failure', message: denial ?? 'denied', code: 400 } }),
    ...(admitted && patches.length > 0
      ? { patch: Buffer.from(JSON.stringify(patches)).toString('base64'), patchType: 'JSONPatch' }
      : {}),
    ...(admitted && warnings.length > 0 ? { warnings } : {}),
  })
}

/** Denies a request that could not be read or evaluated. */
export function refuseReview(review: unknown, message: string, code: 400 | 500 = 400): AdmissionReviewResponse {
  const request = isObject(review) ? review['request'] : undefined
  const uid = isObject(request) && typeof request['uid'] === 'string' ? request['uid'] : ''
  return answer({ uid, allowed: false, status: { status: 'Failure', message, code } })
}

function answer(response: AdmissionReviewResponse['response']): AdmissionReviewResponse {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

function invalid(message: string): VerifierError {
  return new VerifierError('VERIFIER_REVIEW_INVALID', message)
}
