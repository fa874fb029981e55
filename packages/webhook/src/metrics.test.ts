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
