import { refusedImages, type AdmissionReviewResponse, type ResourceVerdict } from '@verify-images/core'
import { isObject } from '@verify-images/primitives'
import { MAX_LOGGED_CHARACTERS, MAX_LOGGED_REFUSALS } from './limits.ts'
import type { WebhookLogger } from './logger.ts'
import type { ReviewAnswer } from './metrics.ts'

export interface Answered {
  readonly body: AdmissionReviewResponse
  readonly answer: ReviewAnswer
  readonly verdict?: ResourceVerdict
}

export interface LoggedReview extends Answered {
  readonly endpoint: string
  /** The AdmissionReview as it was received. */
  readonly review: object
  readonly seconds: number
}

/** Writes one line about a review: which object, what was answered, and what refused it. */
export function logReview(
  logger: WebhookLogger,
  { endpoint, review, seconds, body, answer, verdict }: LoggedReview,
): void {
  const { uid, status } = body.response
  const refused = verdict === undefined ? [] : refusedBy(verdict)
  const codes = new Set(verdict?.rules.flatMap(({ reasons }) => reasons.map(({ code }) => code)))
  const fields = {
    ...{ uid, endpoint, ...objectOf(review), answer, durationMs: Math.round(seconds * 1000) },
    ...(verdict === undefined ? {} : { outcome: verdict.outcome, requests: verdict.requests.total }),
    ...(verdict?.unjudged === undefined ? {} : { unjudged: verdict.unjudged }),
    ...(refused.length === 0 ? {} : { refused }),
    ...(codes.size === 0 ? {} : { codes: [...codes] }),
    ...(status === undefined ? {} : { code: status.code }),
  }
  if (answer === 'allowed' || answer === 'denied') logger.info(fields, 'review')
  else logger.warn(fields, 'review')
}

/** Returns the fields of a request that identify its object, and none of the object itself. */
function objectOf(review: object): Readonly<Record<string, unknown>> {
  const request: unknown = Reflect.get(review, 'request')
  if (!isObject(request)) return {}
  const { namespace, name, operation, subResource, dryRun } = request
  const kind = isObject(request['kind']) ? request['kind']['kind'] : undefined
  const named = Object.entries({ kind, namespace, name, operation, subResource }).flatMap(([field, value]) =>
    typeof value === 'string' && value !== '' ? [[field, shortened(value)] as const] : [],
  )
  return { ...Object.fromEntries(named), ...(dryRun === true ? { dryRun } : {}) }
}

/** Returns the rules that refuse an object, with the images that they refuse. */
function refusedBy(verdict: ResourceVerdict): readonly string[] {
  return refusedImages(verdict)
    .slice(0, MAX_LOGGED_REFUSALS)
    .map(({ policy, rule, subject }) => shortened(`${policy}/${rule}: ${subject}`))
}

/** The API server sends shorter names; other callers must not be able to fill the log. */
function shortened(text: string): string {
  return text.slice(0, MAX_LOGGED_CHARACTERS)
}
