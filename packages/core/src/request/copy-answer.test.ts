import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyAnswer } from './copy-answer.ts'

const { signal } = new AbortController()
const copy = (answer: unknown): Promise<unknown> => copyAnswer(answer, 'the answer', signal)
const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

test.each<[string, unknown]>([
  ['an undefined member', { a: undefined, b: 1 }],
  ['a function and a symbol', { a: () => 1, b: Symbol('b'), c: [() => 1] }],
  ['a hole', [1, , 2]],
  ['numbers that JSON does not have', [Number.NaN, Infinity, -0, 1e300]],
  ['a date', { at: new Date(0) }],
  ['an invalid date', [new Date(Number.NaN)]],
  ['boxed primitives', [new String('a'), new Number(1), new Boolean(false)]],
  ['a toJSON that gets its key', { name: { toJSON: (key: string) => `key ${key}` } }],
  ['a toJSON that returns undefined', { gone: { toJSON: () => undefined }, left: 1 }],
  ['an inherited member', Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })],
  ['__proto__', JSON.parse('{"__proto__":{"a":1}}')],
  ['a map', new Map([['a', 1]])],
])('copies %s as JSON.stringify prints it', async (_, answer) => {
  expect(JSON.stringify(await copy(answer))).toBe(JSON.stringify(answer))
})

test('copies any JSON unchanged, and shares nothing with it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (answer) => {
      const copied = await copy(answer)
      expect(JSON.stringify(copied)).toBe(JSON.stringify(answer))
      if (typeof answer === 'object' && answer !== null) expect(copied).not.toBe(answer)
    }),
  )
})

const members = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0]))

test.each<[string, unknown, RegExp]>([
  ['undefined', undefined, /^the answer is not JSON$/],
  ['a bigint', [1n], /bigint/],
  ['201 levels', nested(202), /more than 200 deep/],
  ['an endless toJSON', endless(), /more than 200 deep/],
  ['500,001 values', Array.from({ length: 500_001 }, () => null), /at most 500000 values/],
  ['500,001 members', members(500_001), /at most 500000 values/],
  ['33 Mi characters', ['x'.repeat(33 * 2 ** 20)], /at most 33554432 characters/],
  ['33 Mi characters in keys', { ['x'.repeat(33 * 2 ** 20)]: 1 }, /at most 33554432 characters/],
])('refuses %s', async (_, answer, message) => {
  await expect(copy(answer)).rejects.toThrow(message)
})

function endless(): object {
  return { toJSON: () => ({ more: endless() }) }
}

test('control: copies what is within the limits', async () => {
  await expect(copy(nested(200))).resolves.toEqual(nested(200))
  await expect(copy(Array.from({ length: 499_000 }, () => null))).resolves.toHaveLength(499_000)
})

test('lets timers run while it copies a large answer, and stops when the signal is aborted', async () => {
  const controller = new AbortController()
  const large = Array.from({ length: 100_000 }, (_, i) => ({ name: `n${i}`, labels: {} }))
  setTimeout(() => controller.abort(new Error('enough')), 1)
  await expect(copyAnswer(large, 'the answer', controller.signal)).rejects.toThrow('enough')
})
