import type { KeySource, TrustMaterial } from '@verify-images/attestor-evaluator'
import { expect, test } from 'vitest'
import { loadOnce, resolveOnce } from './resolve-once.ts'

const { signal } = new AbortController()
const secret = (name: string): KeySource => ({ kind: 'kubernetes-secret', namespace: 'kyverno', name })

test('each key is resolved once, also one that fails', async () => {
  const asked: KeySource[] = []
  const keys = resolveOnce(
    {
      resolveKey: (source) => {
        asked.push(source)
        if (source.kind === 'kms') throw new Error('no route')
        return Promise.resolve(source.name)
      },
    },
    signal,
  )
  expect(
    await Promise.all([secret('a'), secret('a'), secret('b')].map((source) => keys.resolveKey(source, signal))),
  ).toEqual(['a', 'a', 'b'])
  for (let i = 0; i < 2; i++)
    await expect(keys.resolveKey({ kind: 'kms', provider: 'awskms', uri: 'awskms:///a' }, signal)).rejects.toThrow(
      'no route',
    )
  expect(asked).toHaveLength(3)
})

test('the trust root is loaded once', async () => {
  let loads = 0
  const trust = loadOnce({ load: () => Promise.resolve({ loads: ++loads } as unknown as TrustMaterial) }, signal)
  expect(await trust.load(signal)).toBe(await trust.load(signal))
  expect(loads).toBe(1)
})
