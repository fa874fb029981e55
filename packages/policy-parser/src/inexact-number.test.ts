import { expect, test } from 'vitest'
import { parsePolicies } from './parse-policies.ts'
import { readDocuments } from './read-documents.ts'

const NUMBER = '9007199254740993'

const policyWith = (place: string): string => {
  const put = (name: string, line: string): string => (place === name ? line : '')
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: p
${put('metadata', `  generation: ${NUMBER}\n`)}spec:
${put('spec', `  webhookTimeoutSeconds: ${NUMBER}\n`)}  rules:
  - name: check
    match: {any: [{resources: {kinds: [Pod]}}]}
${put('preconditions', `    preconditions: {all: [{key: x, operator: Equals, value: ${NUMBER}}]}\n`)}    verifyImages:
    - imageReferences: ['ghcr.io/acme/*']
      mutateDigest: false
${put('conditions', `      attestations: [{type: t, conditions: [{all: [{key: x, operator: In, value: [${NUMBER}]}]}]}]\n`)}  - name: other
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate: {pattern: {spec: {size: ${place === 'another rule' ? NUMBER : '1'}}}}
${put('status', `status: {observed: ${NUMBER}}\n`)}`
}

test.each(['spec', 'preconditions', 'conditions'])(
  'refuses a number in the %s of a rule that verifies images',
  (place) => {
    expect(() => parsePolicies(policyWith(place))).toThrow(
      expect.objectContaining({
        issues: [expect.objectContaining({ code: 'POLICY_NUMBER_INEXACT', line: expect.any(Number) as number })],
      }),
    )
  },
)

test.each(['metadata', 'another rule', 'status'])('rounds a number in the %s, which no rule reads', (place) => {
  expect(policyWith(place)).toContain(NUMBER)
  expect(parsePolicies(policyWith(place))).toHaveLength(1)
})

test('refuses a number anywhere in an object, where an expression may read it', () => {
  for (const text of [`a: ${NUMBER}`, `metadata: {x: [${NUMBER}]}`])
    expect(() => readDocuments(text)).toThrow(expect.objectContaining({ name: 'PolicyError' }))
})

test('checks each item of a List by its own kind', () => {
  const item = policyWith('metadata').replaceAll(/^/gm, '  ').replace('  apiVersion', '- apiVersion')
  expect(parsePolicies(`apiVersion: v1\nkind: List\nitems:\n${item}\n`)).toHaveLength(1)
})
