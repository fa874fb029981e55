import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reader, tryRandomInputs } from './random-inputs.ts'

test('20 000 random inputs are read or refused with our own errors', async () => {
  const { inputs, read } = await tryRandomInputs(20_000)
  expect(inputs).toBeGreaterThanOrEqual(20_000)
  // Both have to happen, otherwise little is shown.
  expect(read).toBeGreaterThan(inputs / 20)
  expect(read).toBeLessThan(inputs)
}, 120_000)

test('control: an error that is not ours is reported with its input', async () => {
  const broken = reader('broken', fc.constant('this one'), (text) => {
    throw new TypeError(text)
  })
  await expect(tryRandomInputs(10, 1, [broken])).rejects.toThrow(
    /seed: 1, .*this one.*broken threw TypeError undefined/s,
  )
})
