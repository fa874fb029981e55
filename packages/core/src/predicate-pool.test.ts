import { createEvaluationBudget, DEFAULT_BUDGET, HeldPredicate } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { LIMITS } from './limits.ts'
import { type LargePredicateOptions, largePredicates, type LargePredicates } from './predicate-pool.ts'

function reader(
  tokens: number,
  workerBytes: number,
  budget: LargePredicateOptions['budget'] = createEvaluationBudget({ tokens }),
): LargePredicates['payloads'] {
  const { signal } = new AbortController()
  return largePredicates({ workerBytes, budget, maxTokens: tokens, engine: {}, now: new Date(0), signal }).payloads
}

/** A payload of so many tokens. */
function payloadOf(tokens: number): Uint8Array {
  return Buffer.from(`{"predicate":[${'0,'.repeat(tokens - 4)}0]}`)
}

test('the worker parses more tokens than the default if the limit is raised', { timeout: 120_000 }, async () => {
  const tokens = DEFAULT_BUDGET.tokens + 1
  const payload = payloadOf(tokens)
  const what = 'the statement'
  expect(await reader(tokens, 0).read(payload, 'predicate', what)).toMatchObject({ document: { predicate: [] } })
  await expect(reader(tokens - 1, 0).read(payload, 'predicate', what)).rejects.toMatchObject({
    code: 'ATTESTOR_BUDGET_EXCEEDED',
  })
})

test.each([
  ['in the worker', 0],
  ['here', Infinity],
])('payloads share the token budget of the evaluation: %s', async (_, workerBytes) => {
  const { read } = reader(20, workerBytes)
  await read(payloadOf(12), 'predicate', 'the first')
  await read(payloadOf(8), 'predicate', 'the second')
  await expect(read(payloadOf(4), 'predicate', 'the third')).rejects.toMatchObject({
    code: 'ATTESTOR_BUDGET_EXCEEDED',
    message: 'the evaluation exceeds its limit of 20 tokens: 12 of 24 for the first',
  })
})

test('the event loop turns between payloads that are parsed in the main thread', async () => {
  const { read } = reader(Infinity, Infinity)
  const payload = payloadOf(10_000)
  let turns = 0
  const count = (): void => {
    turns++
    timer = setImmediate(count)
  }
  let timer = setImmediate(count)
  for (let i = 0; i < 50; i++) await read(payload, 'predicate', 'the statement')
  clearImmediate(timer)
  expect(turns).toBeGreaterThan(5)
})

test.each([
  ['few tokens here', LIMITS.tokensHere, false],
  ['many tokens in the worker, whatever their size', LIMITS.tokensHere + 1, true],
])('a small payload is parsed with %s', async (_, tokens, isHeld) => {
  const budget = createEvaluationBudget({ tokens: Infinity })
  const { predicate } = await reader(Infinity, Infinity, budget).read(payloadOf(tokens), 'predicate', 'the statement')
  expect(predicate instanceof HeldPredicate).toBe(isHeld)
  expect(budget.spent().tokens).toBe(tokens)
})

test('a payload in shared memory reaches the worker and the verdict without a copy', async () => {
  const bytes = payloadOf(100)
  const payload = new Uint8Array(new SharedArrayBuffer(bytes.length))
  payload.set(bytes)
  const { predicate } = await reader(100, 0).read(payload, 'predicate', 'the statement')
  expect(predicate instanceof HeldPredicate && predicate.payload).toBe(payload)
})
