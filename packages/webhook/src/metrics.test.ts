import type { ResourceVerdict } from '@verify-images/core'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { MAX_HOST_LABELS } from './limits.ts'
import { createMetrics } from './metrics.ts'
import { createQueue } from './queue.ts'

test('hosts that requesters choose do not make time series without end', async () => {
  const registry = new Registry()
  const metrics = createMetrics(createQueue(1, 1), undefined, registry)
  for (let i = 0; i < MAX_HOST_LABELS + 20; i++) {
    const verdict = {
      outcome: 'accepted',
      rules: [],
      requests: { total: 1, byHost: { [`host-${String(i)}.test`]: 1 } },
    }
    metrics.countReview('mutate', 'allowed', verdict as unknown as ResourceVerdict, 0.1)
  }
  const lines = (await registry.metrics())
    .split('\n')
    .filter((line) => /^verify_images_registry_requests_total\{/.test(line))
  expect(lines).toHaveLength(MAX_HOST_LABELS + 1)
  expect(lines).toContain('verify_images_registry_requests_total{host="other"} 20')
})

test('counts a review without a verdict once, and no rules of it', async () => {
  const registry = new Registry()
  createMetrics(createQueue(1, 1), undefined, registry).countReview('mutate', 'shed', undefined, 0.1)
  const text = await registry.metrics()
  expect(text).toContain('verify_images_reviews_total{endpoint="mutate",answer="shed",outcome="none"} 1')
  expect(text).not.toMatch(/^verify_images_policy_results_total\{/m)
})

test('names a policy of a namespace with its namespace, so that two of one name stay apart', async () => {
  const registry = new Registry()
  const rules = [
    { policy: 'signed', outcome: 'accepted' },
    { policy: 'signed', policyNamespace: 'team', outcome: 'rejected' },
  ]
  const verdict = { outcome: 'rejected', rules, requests: { total: 0, byHost: {} } }
  const metrics = createMetrics(createQueue(1, 1), undefined, registry)
  metrics.countReview('mutate', 'denied', verdict as unknown as ResourceVerdict, 0.1)
  const text = await registry.metrics()
  expect(text).toContain('verify_images_policy_results_total{policy="signed",outcome="accepted"} 1')
  expect(text).toContain('verify_images_policy_results_total{policy="team/signed",outcome="rejected"} 1')
})

test('reports running and waiting reviews as they are at the time of a scrape', async () => {
  const registry = new Registry()
  const queue = createQueue(1, 5)
  createMetrics(queue, undefined, registry)
  const { signal } = new AbortController()
  const leave = await queue.enter(signal)
  const waiting = [queue.enter(signal), queue.enter(signal)]
  expect(await registry.metrics()).toMatch(
    /^verify_images_reviews_running 1\n[\s\S]*^verify_images_reviews_waiting 2$/m,
  )
  leave?.()
  for (const each of waiting) (await each)?.()
  expect(await registry.metrics()).toMatch(
    /^verify_images_reviews_running 0\n[\s\S]*^verify_images_reviews_waiting 0$/m,
  )
})

test('reports when the certificate expires', async () => {
  const registry = new Registry()
  createMetrics(createQueue(1, 1), undefined, registry).certificateExpires(1_800_000_000)
  expect(await registry.metrics()).toContain('verify_images_tls_certificate_expiry_timestamp_seconds 1800000000')
})
