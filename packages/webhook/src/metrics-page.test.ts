import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createMetrics, NO_POLICIES } from './metrics.ts'
import { createQueue } from './queue.ts'

/** Metrics with their labels, as the table of the page has them: `| names | labels |`. */
function documentedMetrics(): Readonly<Record<string, readonly string[]>> {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/webhook.md'), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `verify_images_'))
  return Object.fromEntries(
    rows.flatMap((row) => {
      const [, names = '', labels = ''] = row.split('|')
      return wordsIn(names).map((name) => [name, wordsIn(labels)] as const)
    }),
  )
}

const wordsIn = (cell: string): readonly string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, word = '']) => word)

test('docs/webhook.md has every metric with its labels, and no other', async () => {
  const registry = new Registry()
  const metrics = createMetrics(createQueue(1, 1), () => NO_POLICIES, registry)
  metrics.countReview('/mutate', 'allowed', undefined, 0.1)
  const names = registry.getMetricsAsArray().map(({ name }) => name)
  const ours = names.filter((name) => name.startsWith('verify_images_'))
  expect(Object.keys(documentedMetrics()).toSorted()).toEqual(ours.toSorted())
  const text = await registry.metrics()
  for (const label of documentedMetrics()['verify_images_reviews_total'] ?? []) expect(text).toContain(`${label}="`)
})
