import { SpanStatusCode, trace } from '@opentelemetry/api'
import { messageOf } from '@verify-images/primitives'
import { notReadyAnswer, shedAnswer, uidOf, validatingAnswer } from './answer.ts'
import { MAX_TIMEOUT_MS, MIN_DEADLINE_MS, type WebhookLimits } from './limits.ts'
import { logReview, type Answered } from './log-review.ts'
import { createMetrics, type WebhookMetrics } from './metrics.ts'
import { createQueue } from './queue.ts'
import { answerReadiness, hasNoPolicy } from './readiness.ts'
import { readReview, RequestError } from './read-review.ts'
import { readOptions, type WebhookOptions } from './webhook-options.ts'

/** A webhook for any server with the Request and Response of the Fetch standard: Hono, Fastify, Deno, Bun. */
export interface WebhookHandler {
  /** Answers `POST /mutate`, `POST /validate`, `GET /healthz`, `GET /readyz` and `GET /metrics`. Does not reject. */
  readonly handle: (request: Request) => Promise<Response>
  readonly metrics: WebhookMetrics
}

const ENDPOINTS = { '/mutate': 'mutate', '/validate': 'validate' } as const

type Endpoint = (typeof ENDPOINTS)[keyof typeof ENDPOINTS]

/**
 * Creates the handler of an admission webhook.
 *
 * @throws WebhookError WEBHOOK_OPTIONS_INVALID
 * @example
 * const { handle } = createWebhookHandler({ verifier: createImageVerifier({ policies }) })
 * app.all('*', ({ req }) => handle(req.raw))   // Hono
 */
export function createWebhookHandler(options: WebhookOptions): WebhookHandler {
  const { current, counts, checks, unpinned, limits, logger, registry } = readOptions(options)
  const queue = createQueue(limits.concurrency, limits.queue)
  const metrics = createMetrics(queue, counts, registry)
  const tracer = trace.getTracer('@verify-images/webhook')

  async function review(request: Request, endpoint: Endpoint): Promise<Response> {
    const started = performance.now()
    const body = await readReview(request, limits)
    const answered = await tracer.startActiveSpan(`verify-images ${endpoint}`, async (span) => {
      try {
        const found = await evaluate(body, endpoint, request, started)
        span.setAttributes({ 'verify_images.answer': found.answer, 'verify_images.uid': uidOf(body) })
        if (found.answer === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
        return found
      } finally {
        span.end()
      }
    })
    const seconds = (performance.now() - started) / 1000
    metrics.countReview(endpoint, answered.answer, answered.verdict, seconds)
    logReview(logger, { endpoint, review: body, seconds, ...answered })
    return Response.json(answered.body)
  }

  async function evaluate(body: object, endpoint: Endpoint, request: Request, started: number): Promise<Answered> {
    const verifier = current()
    if (verifier === undefined || hasNoPolicy(verifier)) return { body: notReadyAnswer(body), answer: 'shed' }
    const leave = await queue.enter(request.signal)
    if (leave === undefined) return { body: shedAnswer(body), answer: 'shed' }
    try {
      // The API server counts from when it sent the request: reading it and waiting are part of its timeout.
      const deadlineMs = Math.floor(timeoutOf(request.url, limits) - limits.reserveMs - (performance.now() - started))
      if (deadlineMs < MIN_DEADLINE_MS) return { body: shedAnswer(body), answer: 'shed' }
      const onFault = (error: unknown): void =>
        logger.error({ uid: uidOf(body), error: messageOf(error) }, 'review failed')
      const result = await verifier.review(body, { signal: request.signal, deadlineMs, onFault })
      const { verdict } = result
      const answer = endpoint === 'validate' ? validatingAnswer(result, unpinned) : result.response
      return {
        body: answer,
        answer: answer.response.allowed ? 'allowed' : verdict === undefined ? 'failed' : 'denied',
        ...(verdict === undefined ? {} : { verdict }),
      }
    } finally {
      leave()
    }
  }

  const pages = new Map<string, () => Response | Promise<Response>>([
    ['/healthz', () => new Response('ok\n')],
    ['/readyz', () => answerReadiness(checks)],
    [
      '/metrics',
      async () => new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } }),
    ],
  ])

  async function route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const endpoint = isEndpoint(pathname) ? ENDPOINTS[pathname] : undefined
    if (endpoint !== undefined) {
      if (request.method !== 'POST') throw new RequestError(405, `${pathname} takes POST, got ${request.method}`)
      return review(request, endpoint)
    }
    const page = pages.get(pathname)
    if (page === undefined)
      throw new RequestError(404, 'no such path; there are /mutate, /validate, /healthz, /readyz and /metrics')
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new RequestError(405, `${pathname} takes GET, got ${request.method}`)
    const response = await page()
    return request.method === 'GET' ? response : new Response(null, response)
  }

  return {
    metrics,
    handle: async (request) => {
      try {
        return await route(request)
      } catch (error) {
        const status = error instanceof RequestError ? error.status : 500
        const message = messageOf(error)
        logger.warn({ status, error: message }, 'request refused')
        return Response.json({ error: error instanceof RequestError ? message : 'internal error' }, { status })
      }
    },
  }
}

function isEndpoint(path: string): path is keyof typeof ENDPOINTS {
  return Object.hasOwn(ENDPOINTS, path)
}

/** Returns the milliseconds that the API server waits for an answer, which it states as `?timeout=10s`. */
function timeoutOf(url: string, { deadlineMs }: WebhookLimits): number {
  const seconds = /^(\d{1,3})s$/.exec(new URL(url).searchParams.get('timeout') ?? '')?.[1]
  return seconds === undefined ? deadlineMs : Math.min(Number(seconds) * 1000, MAX_TIMEOUT_MS)
}
