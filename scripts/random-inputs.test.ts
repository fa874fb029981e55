import fc from 'fast-check'
import { expect, test } from 'vitest'
import { READERS, tryRandomInputs } from './random-inputs.ts'
import { reader } from './random-inputs/reader.ts'

test.each(READERS.map((each) => [each.name, each] as const))(
  '500 random inputs are read or refused with our own errors: %s',
  async (_, each) => {
    expect(await tryRandomInputs(each, 500)).toMatchObject({ inputs: 500 })
  },
  60_000,
)

test('control: an error that is not ours is reported with its input', async () => {
  const broken = reader('broken', fc.constant('this one'), (text) => {
    throw new TypeError(text)
  })
  await expect(tryRandomInputs(broken, 10, 1)).rejects.toThrow(/seed: 1, .*this one.*broken threw TypeError undefined/s)
})

test('both happen: inputs are read, and inputs are refused', async () => {
  let [inputs, read] = [0, 0]
  for (const each of READERS) {
    const tally = await tryRandomInputs(each, 50, 1)
    inputs += tally.inputs
    read += tally.read
  }
  expect(read).toBeGreaterThan(inputs / 20)
  expect(read).toBeLessThan(inputs)
}, 60_000)
