import { describe, expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { validatePolicy } from './validate-policy.ts'

const many = (count: number, make: (index: number) => Json): Json[] => Array.from({ length: count }, (_, i) => make(i))
const rule = {
  name: 'r',
  match: { any: [{ resources: { kinds: ['Pod'] } }] },
  verifyImages: [{ imageReferences: ['a'], mutateDigest: false }],
}

/** CPU time rather than wall time, so that other processes make no difference. */
const milliseconds = (start: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}

/** Each is as large as a document may be, and made for a check that compares things with each other. */
describe('checking a policy of any form ends quickly', () => {
  test.each<[string, { readonly [key: string]: Json }]>([
    ['references', { preconditions: many(20_000, (i) => ({ key: `$(/x${i})`, operator: 'Equals', value: 1 })) }],
    [
      'variables in one text',
      { preconditions: [{ key: '{{request.a}} '.repeat(50_000), operator: 'Equals', value: 1 }] },
    ],
    [
      'variables in variables',
      { preconditions: [{ key: '{{request.'.repeat(30_000) + '}}'.repeat(30_000), operator: 'Equals', value: 1 }] },
    ],
    ['open braces', { preconditions: [{ key: '{{a{'.repeat(150_000), operator: 'Equals', value: 1 }] }],
    ['one long word', { preconditions: [{ key: `{{${'a'.repeat(700_000)}}}`, operator: 'Equals', value: 1 }] }],
    [
      'variables and context entries',
      {
        context: many(5_000, (i) => ({ name: `c${i}`, variable: { value: 1 } })),
        preconditions: many(10_000, (i) => ({ key: `{{ c${i}x }}`, operator: 'Equals', value: 1 })),
      },
    ],
    [
      'blocks of match and exclude',
      {
        match: { any: many(10_000, (i) => ({ resources: { kinds: [`A${i}`] } })) },
        exclude: { any: many(10_000, (i) => ({ resources: { kinds: [`B${i}`] } })) },
      },
    ],
    [
      'names of match and exclude',
      {
        match: { resources: { kinds: ['Pod'], names: many(20_000, (i) => `a${i}`) } },
        exclude: { resources: { names: many(20_000, (i) => `*b${i}`) } },
      },
    ],
    [
      'patterns that backtrack',
      {
        match: { resources: { kinds: ['Pod'], name: 'a'.repeat(100_000) } },
        exclude: { resources: { name: `${'*a'.repeat(500)}b` } },
      },
    ],
    [
      'attestors',
      {
        verifyImages: many(2_000, () => ({
          imageReferences: ['a'],
          mutateDigest: false,
          attestors: [{ entries: many(10, () => ({ keys: {} })) }],
        })),
      },
    ],
  ])('checking a policy with many or long %s ends quickly', (_name, changes) => {
    const start = process.cpuUsage()
    validatePolicy({
      apiVersion: 'kyverno.io/v1',
      kind: 'ClusterPolicy',
      metadata: { name: 'p' },
      spec: { rules: [{ ...rule, ...changes }] },
    })
    expect(milliseconds(start)).toBeLessThan(4_000)
  })

  test('checking a policy with many overrides ends quickly', () => {
    const start = process.cpuUsage()
    const validationFailureActionOverrides = many(20_000, (i) => ({
      action: i % 2 === 0 ? 'Audit' : 'Enforce',
      namespaces: [`*n${i}`],
    }))
    validatePolicy({
      apiVersion: 'kyverno.io/v1',
      kind: 'ClusterPolicy',
      metadata: { name: 'p' },
      spec: { rules: [rule], validationFailureActionOverrides },
    })
    expect(milliseconds(start)).toBeLessThan(4_000)
  })
})
