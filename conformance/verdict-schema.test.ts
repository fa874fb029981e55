import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, shared with the scorer
import { startCorpusRegistry } from './corpus/serve.mjs'
// @ts-expect-error: plain JavaScript, shared with the scorer
import { evaluate } from './evaluate.mjs'

interface RecordedCase {
  readonly area: string
  readonly name: string
  readonly expected: { readonly refused?: string }
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, path), 'utf8'))
const cases = (read('corpus/cases/index.json') as RecordedCase[]).filter(
  ({ expected }) => expected.refused === undefined,
)
// One of each area, and one more where there are many: every kind of evidence and reason occurs.
const sample = [...Map.groupBy(cases, ({ area }) => area).values()].flatMap((ofArea) =>
  ofArea.filter((_, i) => i % 12 === 0),
)
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
  read('../docs/verdict.schema.json') as object,
)

let registry: { readonly endpoints: Record<string, string>; readonly close: () => Promise<void> }
beforeAll(async () => {
  registry = await (startCorpusRegistry as () => Promise<typeof registry>)()
})
afterAll(() => registry.close())

test.each(sample)('the verdict of $area/$name is what docs/verdict.schema.json says', async (recorded) => {
  const trustedRoot = read('corpus/registry/trust/sigstore-1/trusted_root.json')
  const { report, ...verdict } = await (evaluate as (input: object) => Promise<Record<string, unknown>>)({
    ...recorded,
    endpoints: registry.endpoints,
    trustedRoot,
  })
  expect(Array.isArray(report)).toBe(true)
  validate(JSON.parse(JSON.stringify(verdict)))
  expect(validate.errors ?? []).toEqual([])
})

test('control: something else is not', () => {
  expect(validate({ schemaVersion: 1, admitted: 'yes' })).toBe(false)
})
