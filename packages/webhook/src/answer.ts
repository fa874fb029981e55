import type { AdmissionReviewResponse, ResourceVerdict, ReviewResult } from '@verify-images/core'

/** What to do with an image that a policy wants pinned and that is not, in the validating phase. */
export type UnpinnedImages = 'deny' | 'warn'

/**
 * Returns the answer of the validating endpoint. It has no patch, because the API server refuses one there.
 *
 * A patch that would pin an image means that the image is not pinned now. A later webhook put it in, or the mutating
 * endpoint is not registered: its tag may move before it runs.
 */
export function validatingAnswer(
  { response, verdict }: ReviewResult,
  unpinned: UnpinnedImages,
): AdmissionReviewResponse {
  const { patch: _, patchType: __, ...answer } = response.response
  const images = verdict === undefined || !answer.allowed ? [] : unpinnedImages(verdict)
  if (images.length === 0) return { ...response, response: answer }
  const message = `not pinned to the digest that was verified: ${images.join(', ')}`
  if (unpinned === 'warn')
    return { ...response, response: { ...answer, warnings: [...(answer.warnings ?? []), message] } }
  return {
    ...response,
    response: {
      ...answer,
      allowed: false,
      status: { status: 'Failure', message: `image ${message}; register the mutating endpoint, which pins`, code: 403 },
    },
  }
}

function unpinnedImages({ images, patches }: ResourceVerdict): readonly string[] {
  const patched = new Set(patches.map(({ path }) => path))
  return images
    .filter(({ pointer }) => patched.has(pointer))
    .map(({ reference, digest = 'no digest' }) => `${reference} (${digest})`)
}

/**
 * Returns a denial for a review that there was no time for. An HTTP error would count as a failure of the webhook,
 * and a failure policy might admit the object.
 */
export function shedAnswer(review: object): AdmissionReviewResponse {
  return refusal(review, 429, 'too many reviews at the same time; try again')
}

/** Returns a denial for a review while there is no policy, which would admit everything. */
export function notReadyAnswer(review: object): AdmissionReviewResponse {
  return refusal(review, 503, 'there is no policy, or none has been loaded yet; nothing is admitted until there is one')
}

function refusal(review: object, code: 429 | 503, message: string): AdmissionReviewResponse {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: uidOf(review), allowed: false, status: { status: 'Failure', message, code } },
  }
}

export function uidOf(review: object): string {
  const request: unknown = Reflect.get(review, 'request')
  const uid: unknown = typeof request === 'object' && request !== null ? Reflect.get(request, 'uid') : undefined
  return typeof uid === 'string' ? uid : ''
}
