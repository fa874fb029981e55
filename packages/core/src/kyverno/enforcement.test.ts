import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../engine/compile-policy.ts'
import { policyOf } from '../testing/policies.ts'
import { enforcesRule, type EnforcementScope } from './enforcement.ts'

const scope: EnforcementScope = { kind: 'Pod', namespace: 'team-a', namespaceLabels: { tier: 'prod' } }
const enforces = (override: object, action = 'Enforce', at: Partial<EnforcementScope> = {}): boolean => {
  const [policy] = policyOf([{ imageReferences: ['*'], mutateDigest: false }], {
    spec: {
      validationFailureAction: action,
      validationFailureActionOverrides: [{ action: action === 'Enforce' ? 'Audit' : 'Enforce', ...override }],
    },
  })
  if (policy === undefined) throw new Error('there is one policy')
  return enforcesRule(compilePolicy(policy), 'check', { ...scope, ...at })
}

describe('an override', () => {
  const selector = (tier: string): object => ({ namespaceSelector: { matchLabels: { tier } } })

  test.each<[string, object, boolean]>([
    ['no namespaces is for all', {}, true],
    ['an empty list of them for none', { namespaces: [] }, false],
    ['an empty list for none, whatever is selected', { namespaces: [], ...selector('prod') }, false],
    ['a pattern of names for those', { namespaces: ['team-*'] }, true],
    ['other names for others', { namespaces: ['team-b'] }, false],
    ['a selector for what it selects', selector('prod'), true],
    ['a selector not for the rest', selector('test'), false],
    ['names and a selector for both together', { namespaces: ['team-a'], ...selector('test') }, false],
  ])('with %s', (_, override, holds) => {
    expect(enforces(override, 'Enforce')).toBe(!holds)
    expect(enforces(override, 'Audit')).toBe(holds)
  })

  test.each(['unread', 'unavailable'] as const)(
    'that selects labels that are %s makes things stricter, never laxer',
    (namespaceLabels) => {
      expect(enforces(selector('prod'), 'Enforce', { namespaceLabels })).toBe(true)
      expect(enforces(selector('prod'), 'Audit', { namespaceLabels })).toBe(true)
    },
  )

  test('that selects a namespace for want of a label is taken where Kyverno sees none', () => {
    const wanting = { namespaceSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } }
    expect(enforces(wanting, 'Enforce', { namespaceLabels: 'unread' })).toBe(false)
    expect(enforces(wanting, 'Enforce', { namespaceLabels: 'unavailable' })).toBe(true)
  })
})
