import { createHash, createVerify } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { attackedWorld } from './testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from './testing/policies.ts'

const attacked = attackedWorld()
const SBOM = 'https://spdx.dev/Document'
const image = 'registry.test/app:1'
const MiB = 2 ** 20

afterEach(() => {
  vi.restoreAllMocks()
})

/** Records the sizes of what the main thread does with bytes in one step. */
function watchSteps(): ReadonlyMap<string, readonly number[]> {
  const steps = new Map<string, number[]>()
  const record = (name: string, size: unknown): void => {
    const sizes = steps.get(name) ?? []
    steps.set(name, sizes)
    sizes.push(Number(size))
  }
  const sizeOf = (value: unknown): number =>
    typeof value === 'string' || value instanceof Uint8Array ? value.length : 0
  const watch = (name: string, object: object, method: string): void => {
    const original: unknown = Reflect.get(object, method)
    if (typeof original !== 'function') throw new TypeError(`${name} is no function`)
    vi.spyOn(object as Record<string, (...given: unknown[]) => unknown>, method).mockImplementation(function (
      this: unknown,
      ...given
    ) {
      const result: unknown = Reflect.apply(original, this, given)
      record(name, Math.max(sizeOf(given[0]), sizeOf(result)))
      return result
    })
  }
  watch('JSON.parse', JSON, 'parse')
  watch('Buffer.concat', Buffer, 'concat')
  watch('Buffer.write', Buffer.prototype, 'write')
  watch('Buffer.toString', Buffer.prototype, 'toString')
  watch('Hash.update', Object.getPrototypeOf(createHash('sha256')) as object, 'update')
  watch('Verify.update', Object.getPrototypeOf(createVerify('sha256')) as object, 'update')
  return steps
}

test('a large attestation is processed in slices in the main thread', async () => {
  const files = Array.from({ length: 100_000 }, (_, i) => ({ name: `package-${String(i)}`, license: 'MIT' }))
  const key = attacked.world.key('builder')
  attacked.world.image(image).attestedBy(key, SBOM, { files })
  const rules = policyOf([
    {
      imageReferences: ['registry.test/*'],
      attestations: [
        {
          type: SBOM,
          attestors: [{ entries: [keyAttestor(key)] }],
          conditions: [{ all: [{ key: '{{ length(files) }}', operator: 'Equals', value: files.length }] }],
        },
      ],
    },
  ])
  const steps = watchSteps()
  const { outcome } = await attacked.judge(rules, podOf(image))
  expect(outcome).toBe('accepted')
  for (const name of ['Buffer.write', 'Hash.update', 'Verify.update'])
    expect(steps.get(name)?.reduce((sum, size) => sum + size)).toBeGreaterThan(3 * MiB)
  for (const [name, sizes] of steps) expect([name, Math.max(...sizes) <= MiB / 4]).toEqual([name, true])
})
