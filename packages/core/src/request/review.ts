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
    readonly status?: { readonly status: 'Failure'; readonly message: string; readonly code: RefusalCode }
    /** Base64 of a JSON Patch. */
    readonly patch?: string
    readonly patchType?: 'JSONPatch'
    readonly warnings?: readonly string[]
    /** For the audit log of the API server, which puts the name of the webhook before each key. */
    readonly auditAnnotations?: Readonly<Record<string, string>>
  }
}

/**
 * Why a request is not allowed: 400 the review cannot be read, 403 the object is rejected, 429 there was no time for
 * the review (a webhook answers so when it is overloaded), 500 an internal error, 503 it could not be checked and may
 * be allowed when tried again. The HTTP status of the answer is 200 all the same: the API server would take another one
 * for a failure of the webhook, and its failure policy might then admit the object.
 */
export type RefusalCode = 400 | 403 | 429 | 500 | 503

/** The result of a review. */
export interface ReviewResult {
  /** The AdmissionReview to send back as JSON, with HTTP status 200. */
  readonly response: AdmissionReviewResponse
  /** Absent if the review could not be read or evaluated. */
  readonly verdict?: ResourceVerdict
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

/** Reason codes in the audit log; more would not help to find the cause. */
const MAX_AUDITED_CODES = 16

/** Converts a verdict for the API server, with a patch only if the request is admitted. */
export function toReviewResponse(uid: string, verdict: ResourceVerdict): AdmissionReviewResponse {
  const { admitted, denial = 'denied', outcome, patches, warnings } = verdict
  const code = outcome === 'inconclusive' ? 503 : 403
  return answer({
    uid,
    allowed: admitted,
    ...(admitted ? {} : { status: { status: 'Failure', message: denial, code } }),
    ...(admitted && patches.length > 0
      ? { patch: Buffer.from(JSON.stringify(patches)).toString('base64'), patchType: 'JSONPatch' }
      : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(verdict.unmatched && verdict.unjudged === undefined ? {} : { auditAnnotations: auditAnnotations(verdict) }),
  })
}

function auditAnnotations({ outcome, rules, unjudged }: ResourceVerdict): Readonly<Record<string, string>> {
  const codes = new Set(rules.flatMap(({ reasons }) => reasons.map(({ code }) => code)))
  return {
    outcome,
    ...(unjudged !== undefined && { unjudged }),
    ...(codes.size > 0 && { 'reason-codes': [...codes].slice(0, MAX_AUDITED_CODES).join(',') }),
  }
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
