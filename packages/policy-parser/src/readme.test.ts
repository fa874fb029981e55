import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { computeRules } from './compute-rules.ts'
import { parsePolicies } from './parse-policies.ts'

const text = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  rules:
  - name: check
    match: { any: [{ resources: { kinds: [Pod] } }] }
    verifyImages:
    - imageReferences: ['ghcr.io/acme/*']
      failureAction: Enforce
      attestors: [{ entries: [{ keys: { publicKeys: k8s://team/key } }] }]
`

describe('the example of the README', () => {
  test('the example of the README runs', () => {
    const [policy] = parsePolicies(text, { source: 'policy.yaml' })
    if (policy === undefined) throw new Error('no policy')
    expect(policy.spec.rules[0]?.verifyImages?.[0]?.required).toBe(true)
    expect(policy.findings).toEqual([])
    expect(computeRules(policy, 'Deployment').map(({ rule }) => rule.name)).toEqual(['check', 'autogen-check'])
  })

  test('the README names every code', () => {
    const codes = ['policy-error.ts', 'model.ts'].flatMap(
      (file) => readFileSync(new URL(file, import.meta.url), 'utf8').match(/'POLICY_\w+'/g) ?? [],
    )
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    expect(codes.map((code) => code.slice(1, -1)).filter((code) => !readme.includes(code))).toEqual([])
  })
})
