import { expect, test } from 'vitest'
import { describeWaits, watchReader, watchSource, watchWaits } from './waits.ts'

const never = (): Promise<never> => new Promise(() => undefined)

test('the deadline names what is awaited, and not what has ended', async () => {
  const controller = new AbortController()
  const waits = watchWaits(controller.signal)
  await waits.during('a quick answer', () => Promise.resolve(1))
  await waits.during('a failure', () => Promise.reject(new Error('no'))).catch(() => undefined)
  void waits.during('registry.test', never)
  void waits.during('registry.test', never)
  expect(waits.interrupted).toEqual([])
  controller.abort()
  expect(waits.interrupted).toEqual(['registry.test'])
  expect(describeWaits(waits.interrupted)).toBe(', while waiting for registry.test')
})

test('the deadline names a few things that are awaited, and counts the others', () => {
  expect(describeWaits([])).toBe('')
  expect(describeWaits(['a', 'b', 'c', 'd', 'e'])).toBe(', while waiting for a, b, c and 2 more')
})

test('the deadline names a registry with the stage, and the cluster with the object', () => {
  const controller = new AbortController()
  const waits = watchWaits(controller.signal)
  const source = watchSource({ fetchManifest: never, fetchBlob: never, listReferrers: never }, waits)
  const { signal } = controller
  const digest = `sha256:${'0'.repeat(64)}` as const
  void source.fetchManifest('registry.test/app', '1', signal)
  void source.fetchBlob('registry.test/app', { digest: 'sha256:00', mediaType: 'x', size: 1 } as never, 1, signal)
  void source.listReferrers('registry.test/app', digest as never, signal)
  void watchReader({ read: never }, waits).read('Secret', 'team', 'pull', signal)
  controller.abort()
  expect(waits.interrupted).toEqual([
    'the manifest 1 of registry.test/app',
    'the blob sha256:00 of registry.test/app',
    `the referrers of ${digest} of registry.test/app`,
    'Secret team/pull of the cluster',
  ])
})
