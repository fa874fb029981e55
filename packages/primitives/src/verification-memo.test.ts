import { expect, test } from 'vitest'
import { createVerificationMemo } from './verification-memo.ts'

test('computes each value once, failures too, whatever its key', () => {
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
