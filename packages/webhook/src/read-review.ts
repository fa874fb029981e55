import { checkJsonShape, isObject, messageOf, readWithin } from '@verify-images/primitives'
import type { WebhookLimits } from './limits.ts'

/** Thrown for a request that is not a review. The API server counts its HTTP status as a failure of the webhook. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: 400 | 404 | 405 | 413

  constructor(status: RequestError['status'], message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Reads the body of a request as JSON. Size, tokens and depth are checked before anything is built.
 *
 * @throws RequestError
 */
export async function readReview(
  request: Request,
  { bodyBytes, tokens, depth }: Pick<WebhookLimits, 'bodyBytes' | 'tokens' | 'depth'>,
): Promise<object> {
  const bytes = await readWithin(request.body ?? [], bodyBytes)
  if (bytes === undefined) throw new RequestError(413, `the review is too large: more than ${String(bodyBytes)} bytes`)
  try {
    checkJsonShape(bytes, { maxTokens: tokens, maxDepth: depth })
  } catch (error) {
    throw new RequestError(413, `the review is too large: ${messageOf(error)}`)
  }
  const review = parse(bytes)
  if (!isObject(review)) throw new RequestError(400, 'the body is not a JSON object')
  return review
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new RequestError(400, 'the body is not JSON')
  }
}
