import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../bench/memory.mjs', import.meta.url))
const runScript = fileURLToPath(new URL('../bench/run-memory.mjs', import.meta.url))

test('nothing remains after 10,000 reviews: no listener, no timer, no memory', { timeout: 900_000 }, async () => {
  const flags = ['--expose-gc', '--conditions=@verify-images/source', '--no-warnings']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, '10000'])
  const { listeners, timers, heapGrowthBytes }: Record<string, number> = JSON.parse(stdout)
  expect([listeners, timers]).toEqual([0, 0])
  // AbortSignal.any over a timeout kept 1.2 KB per review on Node 24, which is 9 MB here.
  expect(heapGrowthBytes).toBeLessThan(3_000_000)
})

test('a run over 30,000 images takes no more memory than one over 12,000', { timeout: 900_000 }, async () => {
  const flags = ['--expose-gc', '--conditions=@verify-images/source', '--no-warnings']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, runScript, '30000'])
  const { heapGrowthBytes }: Record<string, number> = JSON.parse(stdout)
  // A verdict or an object that is kept would be 50 MB here.
  expect(heapGrowthBytes).toBeLessThan(10_000_000)
})
