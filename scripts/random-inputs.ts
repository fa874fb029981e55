// Throws random input at everything that reads what others wrote: it may be read or be refused with an error of ours,
// and nothing else may come of it. The test beside this file takes some thousand inputs; for the night:
//
//   pnpm random-inputs --each 1000000              for every reader
//   pnpm random-inputs --each 1000000 --only 'bundle'  for one of them

import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { POLICY_READERS } from './random-inputs/policy-readers.ts'
import type { Reader } from './random-inputs/reader.ts'
import { REGISTRY_READERS } from './random-inputs/registry-readers.ts'
import { SIGNATURE_READERS } from './random-inputs/signature-readers.ts'

export const READERS: readonly Reader[] = [...POLICY_READERS, ...REGISTRY_READERS, ...SIGNATURE_READERS]

export interface Tally {
  readonly name: string
  readonly inputs: number
  /** Inputs that were read; the others were refused with errors of ours. */
  readonly read: number
}

/** Gives one reader so many inputs. @throws with a seed and the smallest input that shows it, at the first fault */
export async function tryRandomInputs(
  { name, property }: Reader,
  count: number,
  seed: number = Date.now(),
): Promise<Tally> {
  let inputs = 0
  let read = 0
  const note = (wasRead: boolean): void => {
    inputs++
    if (wasRead) read++
  }
  await fc.assert(property(note), { numRuns: count, seed, includeErrorInReport: true })
  if (Object.keys(Object.prototype).length > 0) throw new Error(`${name} changed a prototype`)
  return { name, inputs, read }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { each: { type: 'string', default: '20000' }, only: { type: 'string' }, seed: { type: 'string' } },
  })
  const seed = values.seed === undefined ? undefined : Number(values.seed)
  const chosen = READERS.filter(({ name }) => values.only === undefined || name === values.only)
  for (const each of chosen) {
    const started = performance.now()
    const { name, inputs, read } = await tryRandomInputs(each, Number(values.each), seed)
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    console.log(`${name}: ${String(inputs)} inputs in ${seconds} s: ${String(read)} read, the others refused`)
  }
}

if (import.meta.main) await main()
