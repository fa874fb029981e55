import { createImageVerifier, parsePolicies, type ImageVerifier } from '@verify-images/core'
import { createSigningKey } from '@verify-images/testing'
import { clusterPolicy, entryOf, keyAttestor } from '@verify-images/testing/internal'
import { expect, test } from 'vitest'
import { answerReadiness, verifierReadiness, type ReadinessCheck } from './readiness.ts'

const verifier = (...policies: readonly object[]): ImageVerifier =>
  createImageVerifier({ policies: policies.flatMap((each) => parsePolicies(JSON.stringify(each))) })
const good = clusterPolicy([entryOf(keyAttestor(createSigningKey()))])
const withoutRules = { ...clusterPolicy([], { name: 'empty' }), spec: { rules: [] } }

test.each<[string, ImageVerifier | undefined, boolean | undefined, boolean]>([
  ['without a verifier', undefined, undefined, false],
  ['without a verifier, whatever its source says', undefined, true, false],
  ['with a verifier without a policy', verifier(), true, false],
  ['with a policy', verifier(good), undefined, true],
  ['with policies of which one has no rules', verifier(good, withoutRules), undefined, true],
  ['with policies whose source is not ready', verifier(good), false, false],
])('%s the readiness is as expected', (_, given, source, ready) => {
  expect(verifierReadiness(given, source === undefined ? undefined : { ready: source }).ready).toBe(ready)
})

test('the message of the source replaces ours, and is passed on when all is ready', () => {
  const message = 'a policy is broken: x.yaml'
  expect(verifierReadiness(undefined, { ready: false, message })).toEqual({ ready: false, message })
  expect(verifierReadiness(verifier(good), { ready: true, message })).toEqual({ ready: true, message })
  expect(verifierReadiness(undefined, undefined).message).toBe('no verifier yet')
})

const answer = async (checks: Readonly<Record<string, ReadinessCheck>>): Promise<readonly [number, string]> => {
  const response = await answerReadiness(checks)
  return [response.status, await response.text()]
}

test('one check that is not ready among ready ones makes the whole not ready, and all messages are shown', async () => {
  const good: ReadinessCheck = () => ({ ready: true, message: 'fine' })
  const bad: ReadinessCheck = () => ({ ready: false, message: 'gone' })
  expect(await answer({ a: good, b: bad, c: good })).toEqual([503, 'not ready\na: fine\nb: gone\nc: fine\n'])
  expect(await answer({ a: good, c: good })).toEqual([200, 'ok\na: fine\nc: fine\n'])
  expect(await answer({})).toEqual([200, 'ok\n'])
})

test('a check that throws instead of rejecting is not ready', async () => {
  const throwing: ReadinessCheck = () => {
    throw new Error('no token')
  }
  expect(await answer({ reader: throwing })).toEqual([503, 'not ready\nreader: no token\n'])
})

test('checks are made at the same time', async () => {
  const slow: ReadinessCheck = () => new Promise((resolve) => setTimeout(() => resolve({ ready: true }), 200))
  const started = performance.now()
  await answer(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [String(i), slow])))
  expect(performance.now() - started).toBeLessThan(1_500)
})
