import type { MatchBlock, MatchResources } from '@verify-images/policy-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchException } from './match-exception.ts'
import type { MatchRequest } from './match-request.ts'
import { matchRule } from './match-rule.ts'
import { matchExceptionWithoutLabels, matchRuleWithoutLabels, type MatchWithoutLabels } from './match-without-labels.ts'

const request: MatchRequest = {
  operation: 'CREATE',
  gvk: { group: '', version: 'v1', kind: 'Pod' },
  subresource: '',
  namespace: 'default',
  namespaceLabels: {},
  userInfo: {},
  roles: [],
  clusterRoles: [],
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app', namespace: 'default' } },
}
const pods = { resources: { kinds: ['Pod'] } }
const teamPods = { resources: { kinds: ['Pod'], namespaceSelector: { matchLabels: { team: 'core' } } } }
const teamServices = { resources: { kinds: ['Service'], namespaceSelector: { matchLabels: { team: 'core' } } } }

describe('without the labels of the namespace a rule', () => {
  test.each<[string, MatchResources, MatchResources | undefined, MatchWithoutLabels]>([
    ['that selects by none matches', { any: [pods] }, undefined, 'matches'],
    ['for another kind does not match', { any: [teamServices] }, undefined, 'does-not-match'],
    ['that selects by them depends on them', { any: [teamPods] }, undefined, 'depends'],
    ['that matches in another block matches', { any: [teamPods, pods] }, undefined, 'matches'],
    ['that needs all blocks depends on them', { all: [teamPods, pods] }, undefined, 'depends'],
    [
      'of which one block is for another kind does not match',
      { all: [teamPods, teamServices] },
      undefined,
      'does-not-match',
    ],
    ['that excludes by them depends on them', { any: [pods] }, { any: [teamPods] }, 'depends'],
    ['that excludes another kind by them matches', { any: [pods] }, { any: [teamServices] }, 'matches'],
    ['that is excluded anyway does not match', { any: [teamPods] }, { any: [pods] }, 'does-not-match'],
  ])('%s', (_, match, exclude, expected) => {
    const rule = { name: 'r', match, ...(exclude === undefined ? {} : { exclude }) }
    expect(matchRuleWithoutLabels(rule, request)).toBe(expected)
  })

  const block: fc.Arbitrary<MatchBlock> = fc.constantFrom(pods, teamPods, teamServices, {
    resources: {
      kinds: ['Pod'],
      namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' as const }] },
    },
  })
  const resources: fc.Arbitrary<MatchResources> = fc.oneof(
    fc.array(block, { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    fc.array(block, { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    block,
  )
  const labels = fc.constantFrom<Record<string, string>>({}, { team: 'core' }, { team: 'web' })

  test('never says what some labels contradict', () => {
    fc.assert(
      fc.property(resources, fc.option(resources, { nil: undefined }), labels, (match, exclude, namespaceLabels) => {
        const rule = { name: 'r', match, ...(exclude === undefined ? {} : { exclude }) }
        const said = matchRuleWithoutLabels(rule, request)
        const { matched } = matchRule(rule, { ...request, namespaceLabels })
        if (said !== 'depends') expect(matched).toBe(said === 'matches')
        const exempts = matchExceptionWithoutLabels({ match }, request)
        if (exempts !== 'depends')
          expect(matchException({ match }, { ...request, namespaceLabels })).toBe(exempts === 'matches')
      }),
    )
  })
})
