import { SpanStatusCode, trace } from '@opentelemetry/api'
import { refusedImages, type AdmissionReviewResponse, type ResourceVerdict } from '@verify-images/core'
import { isObject, messageOf } from '@verify-images/primitives'
import { notReadyAnswer, shedAnswer, uidOf, validatingAnswer } from './answer.ts'
import {
  MAX_LOGGED_CHARACTERS,
  MAX_LOGGED_REFUSALS,
  MAX_TIMEOUT_MS,
  MIN_DEADLINE_MS,
  type WebhookLimits,
} from './limits.ts'
import type { WebhookLogger } from './logger.ts'
import { createMetrics, type ReviewAnswer, type WebhookMetrics } from './metrics.ts'
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

interface Answered {
  readonly body: AdmissionReviewResponse
  readonly answer: ReviewAnswer
  readonly verdict?: ResourceVerdict
}

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
    logReview(logger, { endpoint, ...concernOf(body) }, answered, seconds)
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

  const pages: Record<Page, () => Response | Promise<Response>> = {
    '/healthz': () => new Response('ok\n'),
    '/readyz': () => answerReadiness(checks),
    '/metrics': async () =>
      new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } }),
  }

  async function route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const endpoint = isEndpoint(pathname) ? ENDPOINTS[pathname] : undefined
    if (endpoint !== undefined) {
      if (request.method !== 'POST') throw new RequestError(405, `${pathname} takes POST, got ${request.method}`)
      return review(request, endpoint)
    }
    const page = isPage(pathname) ? pages[pathname] : undefined
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

type Page = '/healthz' | '/readyz' | '/metrics'

function isPage(path: string): path is Page {
  return path === '/healthz' || path === '/readyz' || path === '/metrics'
}

function isEndpoint(path: string): path is keyof typeof ENDPOINTS {
  return Object.hasOwn(ENDPOINTS, path)
}

/** Returns the milliseconds that the API server waits for an answer, which it states as `?timeout=10s`. */
function timeoutOf(url: string, { deadlineMs }: WebhookLimits): number {
  const seconds = /^(\d{1,3})s$/.exec(new URL(url).searchParams.get('timeout') ?? '')?.[1]
  return seconds === undefined ? deadlineMs : Math.min(Number(seconds) * 1000, MAX_TIMEOUT_MS)
}

/** What a log needs to find the object of a review again; no field of the object itself. */
function concernOf(review: object): Readonly<Record<string, unknown>> {
  const request: unknown = Reflect.get(review, 'request')
  if (!isObject(request)) return {}
  const { namespace, name, operation, subResource, dryRun, kind } = request
  return {
    ...(isObject(kind) && typeof kind['kind'] === 'string' ? { kind: shortened(kind['kind']) } : {}),
    ...(typeof namespace === 'string' ? { namespace: shortened(namespace) } : {}),
    ...(typeof name === 'string' ? { name: shortened(name) } : {}),
    ...(typeof operation === 'string' ? { operation: shortened(operation) } : {}),
    ...(typeof subResource === 'string' && subResource !== '' ? { subResource: shortened(subResource) } : {}),
    ...(dryRun === true ? { dryRun } : {}),
  }
}

/** The rules that stand in the way of an object, and the images that they refuse. */
function refusedBy(verdict: ResourceVerdict): readonly string[] {
  return refusedImages(verdict)
    .slice(0, MAX_LOGGED_REFUSALS)
    .map(({ policy, rule, subject }) => shortened(`${policy}/${rule}: ${subject}`))
}

/** The API server sends nothing longer; whoever else reaches the port must not fill the log. */
function shortened(text: string): string {
  return text.slice(0, MAX_LOGGED_CHARACTERS)
}

function logReview(
  logger: WebhookLogger,
  concern: Readonly<Record<string, unknown>>,
  { body, answer, verdict }: Answered,
  seconds: number,
): void {
  const { uid, status } = body.response
  const refused = verdict === undefined ? [] : refusedBy(verdict)
  const codes = new Set(verdict?.rules.flatMap(({ reasons }) => reasons.map(({ code }) => code)))
  const fields = {
    ...{ uid, ...concern, answer, durationMs: Math.round(seconds * 1000) },
    ...(verdict === undefined ? {} : { outcome: verdict.outcome, requests: verdict.requests.total }),
    ...(verdict?.unjudged === undefined ? {} : { unjudged: verdict.unjudged }),
    ...(refused.length === 0 ? {} : { refused }),
    ...(codes.size === 0 ? {} : { codes: [...codes] }),
    ...(status === undefined ? {} : { code: status.code }),
  }
  if (answer === 'allowed' || answer === 'denied') logger.info(fields, 'review')
  else logger.warn(fields, 'review')
}
