import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createVerificationMemo, type RememberedResults, type VerificationMemo } from './verification-memo.ts'

test('computes each value once for any key, and each failure', () => {
  const memo = createVerificationMemo()
  let made = 0
  for (const name of ['a', '__proto__', 'constructor']) {
    for (let i = 0; i < 3; i++) expect(memo.once(name, () => ++made && name)).toBe(name)
  }
  expect(made).toBe(3)
  const failing = (): never => {
    made++
    throw new Error('no')
  }
  for (let i = 0; i < 3; i++) expect(() => memo.once('failing', failing)).toThrow('no')
  expect(made).toBe(4)
})

function remembering(): RememberedResults & { readonly sizes: Map<string, number> } {
  const kept = new Map<string, { readonly value: unknown }>()
  const sizes = new Map<string, number>()
  return {
    sizes,
    get: (key) => kept.get(key),
    set: (key, result, bytes) => {
      kept.set(key, result)
      sizes.set(key, bytes)
    },
  }
}

test('a result that depends on its key alone is remembered by later evaluations, also false and undefined', async () => {
  const remembered = remembering()
  let made = 0
  for (const value of [true, false, undefined, 'text'])
    for (let evaluation = 0; evaluation < 3; evaluation++) {
      const memo = createVerificationMemo(remembered)
      const make = (): Promise<typeof value> => {
        made++
        return Promise.resolve(value)
      }
      expect(await Promise.all([memo.always(String(value), 7, make), memo.always(String(value), 7, make)])).toEqual([
        value,
        value,
      ])
    }
  expect(made).toBe(4)
  expect([...remembered.sizes.values()]).toEqual([7, 7, 7, 7])
})

test('a failure is not remembered by later evaluations, and counts in its own', async () => {
  const remembered = remembering()
  const first = createVerificationMemo(remembered)
  const fail = (): Promise<never> => Promise.reject(new Error('deadline'))
  await expect(first.always('key', 1, fail)).rejects.toThrow('deadline')
  await expect(first.always('key', 1, () => Promise.resolve(1))).rejects.toThrow('deadline')
  expect(await createVerificationMemo(remembered).always('key', 1, () => Promise.resolve(2))).toBe(2)
})

test('what is remembered once in an evaluation is not seen by later ones', () => {
  const remembered = remembering()
  createVerificationMemo(remembered).once('key', () => 1)
  expect(createVerificationMemo(remembered).once('key', () => 2)).toBe(2)
})

test('a failure holds nothing of what it was made of, for as long as it is remembered', async () => {
  const memo = createVerificationMemo()
  const input = await failOn(memo)
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('no gc')
  // What is dereferenced in a turn of the event loop is held until its end.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(input.deref()).toBeUndefined()
  await expect(memo.always('key', 1, () => Promise.resolve(1))).rejects.toThrow('malformed')
})

async function failOn(memo: VerificationMemo): Promise<WeakRef<object>> {
  const input = { size: 10_000_000 }
  await expect(memo.always('key', 1, () => refuse(input))).rejects.toThrow('malformed')
  return new WeakRef(input)
}

async function refuse({ size }: { readonly size: number }): Promise<never> {
  await Promise.resolve()
  throw new Error(`malformed: ${String(size)}`)
}
