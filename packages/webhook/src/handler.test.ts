import { createImageVerifier, type AdmissionReviewResponse, type ImageVerifier } from '@verify-images/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWebhookHandler, type WebhookHandler } from './handler.ts'
import { MAX_LOGGED_CHARACTERS } from './limits.ts'
import type { ReadinessCheck } from './readiness.ts'
import { createWebhookWorld, reviewOf, type WebhookWorld } from './testing/webhook-world.ts'
import type { WebhookOptions } from './webhook-options.ts'

let webhook: WebhookWorld
beforeAll(async () => {
  webhook = await createWebhookWorld()
})
afterAll(() => webhook.world.close())

const handler = (options: Partial<WebhookOptions> = {}): WebhookHandler =>
  createWebhookHandler({ verifier: webhook.verifier(), ...options })
const post = ({ handle }: WebhookHandler, path: string, body: unknown): Promise<Response> =>
  handle(
    new Request(`https://webhook${path}`, {
      method: 'POST',
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    }),
  )
async function answerOf(response: Response): Promise<AdmissionReviewResponse['response']> {
  expect(response.status).toBe(200)
  return ((await response.json()) as AdmissionReviewResponse).response
}
const get = async ({ handle }: WebhookHandler, path: string): Promise<readonly [number, string]> => {
  const response = await handle(new Request(`https://webhook${path}`))
  return [response.status, await response.text()]
}
/** Returns a verifier that never answers until it is let. */
function stalled(): { readonly verifier: ImageVerifier; readonly release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const real = webhook.verifier()
  return {
    verifier: {
      ...real,
      review: async (...args) => {
        await promise
        return real.review(...args)
      },
    },
    release: resolve,
  }
}

describe('the mutating endpoint', () => {
  test('allows a signed image and pins it', async () => {
    const { allowed, patch = '', uid } = await answerOf(await post(handler(), '/mutate', reviewOf(webhook.signed)))
    expect([allowed, uid]).toEqual([true, 'u1'])
    expect(JSON.parse(Buffer.from(patch, 'base64').toString())).toContainEqual({
      op: 'replace',
      path: '/spec/containers/0/image',
      value: `${webhook.signed}@${webhook.signedDigest}`,
    })
  })

  test('denies an unsigned image', async () => {
    expect(await answerOf(await post(handler(), '/mutate', reviewOf(webhook.unsigned)))).toMatchObject({
      allowed: false,
      status: { code: 403, message: expect.stringContaining('no signatures found') },
    })
  })
})

describe('the validating endpoint', () => {
  const pinned = (): string => `${webhook.signed}@${webhook.signedDigest}`

  test('allows what is signed and pinned, and never returns a patch', async () => {
    const answer = await answerOf(await post(handler(), '/validate', reviewOf(pinned())))
    expect(answer).toMatchObject({ allowed: true })
    expect(answer).not.toHaveProperty('patch')
    expect(answer).not.toHaveProperty('patchType')
  })

  test('denies a signed image that is not pinned: its tag may move before it runs', async () => {
    expect(await answerOf(await post(handler(), '/validate', reviewOf(webhook.signed)))).toMatchObject({
      allowed: false,
      status: { code: 403, message: expect.stringContaining(`${webhook.signed} (${webhook.signedDigest})`) },
    })
  })

  test('only warns of an image that is not pinned with `unpinned: warn`', async () => {
    const answer = await answerOf(await post(handler({ unpinned: 'warn' }), '/validate', reviewOf(webhook.signed)))
    expect(answer).toMatchObject({ allowed: true, warnings: [expect.stringContaining('not pinned')] })
    expect(answer).not.toHaveProperty('patch')
  })

  test('denies an unsigned image', async () => {
    expect(await answerOf(await post(handler(), '/validate', reviewOf(webhook.unsigned)))).toMatchObject({
      allowed: false,
      status: { code: 403, message: expect.stringContaining('no signatures found') },
    })
  })
})

describe('load', () => {
  test('a review that finds no place is denied with 429, over HTTP 200, so that no failure policy admits it', async () => {
    const { verifier, release } = stalled()
    const busy = handler({ verifier, limits: { concurrency: 1, queue: 1 } })
    const first = post(busy, '/mutate', reviewOf(webhook.signed, 'first'))
    const second = post(busy, '/mutate', reviewOf(webhook.signed, 'second'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await answerOf(await post(busy, '/mutate', reviewOf(webhook.signed, 'third')))).toEqual({
      uid: 'third',
      allowed: false,
      status: { status: 'Failure', message: expect.any(String), code: 429 },
    })
    release()
    for (const response of [await first, await second]) expect((await answerOf(response)).allowed).toBe(true)
  })

  const deadlines = async (
    query: string,
    body: string | ReadableStream = JSON.stringify(reviewOf(webhook.signed)),
  ): Promise<unknown> => {
    const seen: unknown[] = []
    const real = webhook.verifier()
    const verifier: ImageVerifier = {
      ...real,
      review: (review, request) => {
        seen.push(request?.deadlineMs)
        return real.review(review, request)
      },
    }
    await handler({ verifier }).handle(
      new Request(`https://webhook/mutate${query}`, { method: 'POST', body, duplex: 'half' }),
    )
    return seen[0]
  }

  test.each([
    ['?timeout=3s', 2_500],
    ['?timeout=30s', 29_500],
    ['?timeout=999s', 29_500],
    ['?timeout=1h', 9_500],
    ['', 9_500],
  ])('the deadline follows the timeout that the API server states: %s', async (query, deadlineMs) => {
    const seen = Number(await deadlines(query))
    expect(seen).toBeLessThanOrEqual(deadlineMs)
    expect(seen).toBeGreaterThan(deadlineMs - 400)
  })

  test('the time that it took to read the review is part of the timeout', async () => {
    const slow = new ReadableStream({
      async start(controller) {
        await new Promise((resolve) => setTimeout(resolve, 500))
        controller.enqueue(Buffer.from(JSON.stringify(reviewOf(webhook.signed))))
        controller.close()
      },
    })
    expect(Number(await deadlines('?timeout=3s', slow))).toBeLessThanOrEqual(2_300)
  })

  test('a review without time left is shed: its answer would come too late', async () => {
    expect(await answerOf(await post(handler(), '/mutate?timeout=0s', reviewOf(webhook.signed)))).toMatchObject({
      allowed: false,
      status: { code: 429 },
    })
  })
})

describe('requests that are not reviews', () => {
  test.each<[string, () => unknown, number]>([
    ['not JSON', () => 'not json', 400],
    ['an array', () => '[]', 400],
    ['a string', () => '"review"', 400],
    ['not UTF-8', () => Uint8Array.of(0x7b, 0xff, 0x7d), 400],
    ['larger than allowed', () => ' '.repeat(8 * 1024 * 1024 + 1), 413],
    ['one with more tokens than allowed', () => `[${'0,'.repeat(1_000_000)}0]`, 413],
    ['nested deeper than allowed', () => `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 413],
  ])('refuses a body that is %s with an HTTP error', async (_, body, status) => {
    const response = await post(handler(), '/mutate', body())
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.any(String) })
  })

  test('denies a JSON object that is not a review', async () => {
    expect(await answerOf(await post(handler(), '/mutate', {}))).toMatchObject({
      uid: '',
      allowed: false,
      status: { code: 400 },
    })
  })

  test.each([
    ['GET', '/mutate', 405],
    ['POST', '/healthz', 405],
    ['GET', '/', 404],
    ['GET', '/mutate/', 404],
  ])('%s %s is refused with %i', async (method, path, status) => {
    expect((await handler().handle(new Request(`https://webhook${path}`, { method }))).status).toBe(status)
  })
})

describe('probes and metrics', () => {
  test('is ready with policies, and not ready without', async () => {
    expect(await get(handler(), '/healthz')).toEqual([200, 'ok\n'])
    expect(await get(handler(), '/readyz')).toEqual([200, 'ok\n'])
    const empty = handler({ verifier: createImageVerifier({ policies: [] }) })
    expect(await get(empty, '/readyz')).toEqual([503, 'not ready\npolicies: there is no policy\n'])
    expect(await get(empty, '/healthz')).toEqual([200, 'ok\n'])
  })

  test('a verifier without a policy admits nothing', async () => {
    const empty = handler({ verifier: createImageVerifier({ policies: [] }) })
    expect(await answerOf(await post(empty, '/mutate', reviewOf(webhook.unsigned)))).toMatchObject({
      allowed: false,
      status: { code: 503, message: expect.stringContaining('there is no policy') },
    })
  })

  test('answers HEAD of a page without its body', async () => {
    const response = await handler().handle(new Request('https://webhook/readyz', { method: 'HEAD' }))
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('a source without a verifier is not ready, and sheds reviews', async () => {
    const source: { verifier?: ImageVerifier } = {}
    const waiting = handler({ verifier: { current: () => source.verifier } })
    expect(await get(waiting, '/readyz')).toEqual([503, 'not ready\npolicies: no verifier yet\n'])
    expect(await answerOf(await post(waiting, '/mutate', reviewOf(webhook.signed)))).toMatchObject({
      allowed: false,
      status: { code: 503, message: expect.stringContaining('there is no policy') },
    })
    source.verifier = webhook.verifier()
    expect(await get(waiting, '/readyz')).toEqual([200, 'ok\n'])
    expect(await answerOf(await post(waiting, '/mutate', reviewOf(webhook.signed)))).toMatchObject({ allowed: true })
  })

  test.each<[string, ReadinessCheck, number, string]>([
    ['is ready', () => ({ ready: true }), 200, 'ok\n'],
    ['is ready with a message', () => ({ ready: true, message: 'slow' }), 200, 'ok\nreader: slow\n'],
    ['is not ready', () => Promise.resolve({ ready: false }), 503, 'not ready\n'],
    ['fails', () => Promise.reject(new Error('no token')), 503, 'not ready\nreader: no token\n'],
    ['hangs', () => new Promise(() => undefined), 503, 'not ready\nreader: The operation was aborted due to timeout\n'],
  ])('a part of the webhook that %s', async (_, reader, status, body) => {
    expect(await get(handler({ checks: { reader } }), '/readyz')).toEqual([status, body])
  })

  test('a source that still uses its last good policies is ready, and says why; its counts are metrics', async () => {
    const verifier = webhook.verifier()
    const following = handler({
      verifier: {
        current: () => verifier,
        readiness: () => ({ ready: true, message: 'a policy is broken: x.yaml' }),
        counts: () => ({ policies: 3, broken: 1, accepted: 5, refused: 2 }),
      },
    })
    expect(await get(following, '/readyz')).toEqual([200, 'ok\npolicies: a policy is broken: x.yaml\n'])
    const [, text] = await get(following, '/metrics')
    for (const line of [
      'verify_images_policies{state="used"} 3',
      'verify_images_policies{state="broken"} 1',
      'verify_images_policy_reloads_total{result="accepted"} 5',
      'verify_images_policy_reloads_total{result="refused"} 2',
    ])
      expect(text.split('\n')).toContain(line)
    expect((await get(following, '/metrics'))[1]).toContain('verify_images_policy_reloads_total{result="accepted"} 5')
  })

  test('counts reviews, policies and requests to registries', async () => {
    const counted = handler()
    await post(counted, '/mutate', reviewOf(webhook.signed))
    await post(counted, '/mutate', reviewOf(webhook.unsigned))
    const [status, text] = await get(counted, '/metrics')
    expect(status).toBe(200)
    for (const line of [
      'verify_images_reviews_total{endpoint="mutate",answer="allowed",outcome="accepted"} 1',
      'verify_images_reviews_total{endpoint="mutate",answer="denied",outcome="rejected"} 1',
      'verify_images_policy_results_total{policy="signed",outcome="rejected"} 1',
      'verify_images_review_duration_seconds_count{endpoint="mutate",answer="allowed"} 1',
      'verify_images_reviews_running 0',
    ])
      expect(text.split('\n')).toContain(line)
    expect(text).toMatch(/^verify_images_registry_requests_total\{host="registry\.test"\} [1-9]/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m)
  })

  test('a log names the object, what refused it and why, and has nothing else of it', async () => {
    const lines: unknown[] = []
    const log = (fields: object, message: string): void => void lines.push({ ...fields, message })
    const logged = handler({ logger: { info: log, warn: log, error: log } })
    const review = reviewOf(webhook.unsigned)
    await post(logged, '/mutate', { ...review, request: { ...Object(review).request, options: { secret: 's3cret' } } })
    expect(lines).toEqual([
      {
        uid: 'u1',
        endpoint: 'mutate',
        kind: 'Pod',
        namespace: 'default',
        name: 'app',
        operation: 'CREATE',
        answer: 'denied',
        durationMs: expect.any(Number),
        outcome: 'rejected',
        requests: expect.any(Number),
        refused: [`signed/check: ${webhook.unsigned}`],
        codes: ['ATTESTOR_NO_SIGNATURE'],
        code: 403,
        message: 'review',
      },
    ])
  })

  test('what a caller writes into a request fills no log', async () => {
    const lines: object[] = []
    const log = (fields: object): void => void lines.push(fields)
    const logged = handler({ logger: { info: log, warn: log, error: log } })
    const review = reviewOf(webhook.unsigned)
    const name = 'x'.repeat(100_000)
    await post(logged, '/mutate', { ...review, request: { ...Object(review).request, name, dryRun: true, kind: [] } })
    expect(lines[0]).toMatchObject({ name: name.slice(0, MAX_LOGGED_CHARACTERS), dryRun: true })
    expect(JSON.stringify(lines).length).toBeLessThan(5_000)
  })

  test('an internal error is logged, denied with 500 and counted as failed', async () => {
    const lines: unknown[] = []
    const log = (fields: object, message: string): void => void lines.push([message, fields])
    const broken = handler({
      verifier: webhook.verifier({
        clock: () => {
          throw new Error('the clock is broken')
        },
      }),
      logger: { info: log, warn: log, error: log },
    })
    expect(await answerOf(await post(broken, '/mutate', reviewOf(webhook.signed)))).toMatchObject({
      allowed: false,
      status: { code: 500 },
    })
    expect(lines[0]).toEqual(['review failed', { uid: 'u1', error: 'the clock is broken' }])
    expect((await get(broken, '/metrics'))[1]).toContain('answer="failed",outcome="none"} 1')
  })
})

test.each<[object, string]>([
  [{ verifier: undefined }, '`verifier`: expected a verifier of createImageVerifier'],
  [{ verifier: {} }, '`verifier`: expected a verifier of createImageVerifier'],
  [{ verifier: null }, '`verifier`'],
  [{ verifer: {} }, 'did you mean `verifier`?'],
  [{ unpinned: 'allow' }, '`unpinned`'],
  [{ limits: { concurrency: 0 } }, '`limits.concurrency`'],
  [{ limits: { bodybytes: 1 } }, '`limits.bodybytes`'],
  [{ logger: { info: () => undefined } }, '`logger`'],
  [{ metrics: {} }, '`metrics`'],
  [{ checks: { reader: 1 } }, '`checks.reader`'],
])('refuses the options %j', (options, message) => {
  expect(() => createWebhookHandler({ verifier: webhook.verifier(), ...options } as never)).toThrow(
    expect.objectContaining({ code: 'WEBHOOK_OPTIONS_INVALID', message: expect.stringContaining(message) }),
  )
})
