import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../engine/compile-policy.ts'
import { policyOf } from '../testing/policies.ts'
import type { EnforcementScope } from '../engine/ports.ts'
import { enforcesRule } from './enforcement.ts'

const scope: EnforcementScope = { kind: 'Pod', namespace: 'team-a', namespaceLabels: { tier: 'prod' } }
const enforces = (override: object, action = 'Enforce', at: Partial<EnforcementScope> = {}): boolean => {
  const [policy] = policyOf([{ imageReferences: ['*'], mutateDigest: false }], {
    spec: {
      validationFailureAction: action,
      validationFailureActionOverrides: [{ action: action === 'Enforce' ? 'Audit' : 'Enforce', ...override }],
    },
  })
  if (policy === undefined) throw new Error('expected one policy')
  return enforcesRule(compilePolicy(policy), 'check', { ...scope, ...at })
}

describe('an override', () => {
  const selector = (tier: string): object => ({ namespaceSelector: { matchLabels: { tier } } })

  test.each<[string, object, boolean]>([
    ['without namespaces applies everywhere', {}, true],
    ['with an empty array of namespaces applies nowhere', { namespaces: [] }, false],
    [
      'with an empty array of namespaces applies nowhere, whatever its selector',
      { namespaces: [], ...selector('prod') },
      false,
    ],
    ['with a pattern applies to the namespaces that match', { namespaces: ['team-*'] }, true],
    ['with another name does not apply', { namespaces: ['team-b'] }, false],
    ['with a selector applies to the namespaces it selects', selector('prod'), true],
    ['with a selector does not apply to the rest', selector('test'), false],
    ['with names and a selector requires both', { namespaces: ['team-a'], ...selector('test') }, false],
  ])('%s: %j → %s', (_, override, holds) => {
    expect(enforces(override, 'Enforce')).toBe(!holds)
    expect(enforces(override, 'Audit')).toBe(holds)
  })

  test.each(['unread', 'unavailable'] as const)(
    'that selects by labels that are %s applies only if it is stricter',
    (namespaceLabels) => {
      expect(enforces(selector('prod'), 'Enforce', { namespaceLabels })).toBe(true)
      expect(enforces(selector('prod'), 'Audit', { namespaceLabels })).toBe(true)
    },
  )

  test('an override that selects by the absence of a label applies where Kyverno reads no labels', () => {
    const wanting = { namespaceSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } }
    expect(enforces(wanting, 'Enforce', { namespaceLabels: 'unread' })).toBe(false)
    expect(enforces(wanting, 'Enforce', { namespaceLabels: 'unavailable' })).toBe(true)
  })
})
