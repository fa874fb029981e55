import type { MatchBlock, MatchResources } from '@verify-images/policy-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchException } from './match-exception.ts'
import type { MatchRequest } from './match-request.ts'
import { matchRule } from './match-rule.ts'
import {
  matchExceptionByKnownFacts,
  matchRuleByKnownFacts,
  type KnownFacts,
  type KnownMatch,
} from './match-known-facts.ts'

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
  test.each<[string, MatchResources, MatchResources | undefined, KnownMatch]>([
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
    expect(matchRuleByKnownFacts(rule, { ...request, namespaceLabels: undefined })).toBe(expected)
  })
})

const makers = { resources: { kinds: ['Pod'] }, clusterRoles: ['podmaker'] }
const admins = { resources: { kinds: ['Pod'] }, roles: ['default:admin'] }

describe('without the roles of the requester a rule', () => {
  test.each<[string, MatchResources, MatchResources | undefined, KnownMatch]>([
    ['that selects by none matches', { any: [pods] }, undefined, 'matches'],
    ['that selects by cluster roles depends on them', { any: [makers] }, undefined, 'depends'],
    ['that selects by roles depends on them', { any: [admins] }, undefined, 'depends'],
    ['that selects by them in the old form depends on them', makers, undefined, 'depends'],
    ['that matches in another block matches', { any: [makers, pods] }, undefined, 'matches'],
    [
      'for another kind does not match',
      { any: [{ ...makers, resources: { kinds: ['Job'] } }] },
      undefined,
      'does-not-match',
    ],
    ['that excludes by them depends on them', { any: [pods] }, { any: [admins] }, 'depends'],
    ['whose array of roles is empty matches', { any: [{ ...pods, roles: [] }] }, undefined, 'matches'],
  ])('%s', (_, match, exclude, expected) => {
    const rule = { name: 'r', match, ...(exclude === undefined ? {} : { exclude }) }
    const facts = { ...request, userInfo: { username: 'jane' }, roles: undefined, clusterRoles: undefined }
    expect(matchRuleByKnownFacts(rule, facts)).toBe(expected)
  })

  test('a rule for a user depends on the requester if that is unknown', () => {
    const users: MatchBlock = { resources: { kinds: ['Pod'] }, subjects: [{ kind: 'User', name: 'jane' }] }
    const unknown = { ...request, userInfo: undefined, roles: undefined, clusterRoles: undefined }
    expect(matchRuleByKnownFacts({ name: 'r', match: { any: [users] } }, unknown)).toBe('depends')
    expect(matchRuleByKnownFacts({ name: 'r', match: { any: [pods] }, exclude: { any: [users] } }, unknown)).toBe(
      'depends',
    )
  })
})

describe('whatever is known', () => {
  const block: fc.Arbitrary<MatchBlock> = fc.constantFrom(pods, teamPods, teamServices, makers, admins, {
    resources: {
      kinds: ['Pod'],
      namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' as const }] },
    },
    clusterRoles: ['podmaker', 'other'],
    subjects: [{ kind: 'User', name: 'ja*' }],
  })
  const resources: fc.Arbitrary<MatchResources> = fc.oneof(
    fc.array(block, { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    fc.array(block, { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    block,
  )
  const facts = fc.record({
    namespaceLabels: fc.constantFrom<Record<string, string>>({}, { team: 'core' }, { team: 'web' }),
    userInfo: fc.constantFrom({ username: 'jane' }, { username: 'mallory', groups: ['dev'] }),
    roles: fc.constantFrom<string[]>([], ['default:admin'], ['default:other']),
    clusterRoles: fc.constantFrom<string[]>([], ['podmaker'], ['other', 'podmaker']),
  })
  const hidden = fc.record({
    labels: fc.boolean(),
    user: fc.boolean(),
    roles: fc.boolean(),
    clusterRoles: fc.boolean(),
  })

  test('the answer by the known facts never contradicts that by all facts', () => {
    fc.assert(
      fc.property(resources, fc.option(resources, { nil: undefined }), facts, hidden, (match, exclude, all, hide) => {
        const rule = { name: 'r', match, ...(exclude === undefined ? {} : { exclude }) }
        const known: KnownFacts = {
          ...request,
          ...all,
          ...(hide.labels ? { namespaceLabels: undefined } : {}),
          ...(hide.user ? { userInfo: undefined } : {}),
          ...(hide.roles ? { roles: undefined } : {}),
          ...(hide.clusterRoles ? { clusterRoles: undefined } : {}),
        }
        const said = matchRuleByKnownFacts(rule, known)
        const { matched } = matchRule(rule, { ...request, ...all })
        if (said !== 'depends') expect(matched).toBe(said === 'matches')
        else expect(Object.values(hide)).toContain(true)
        const exempts = matchExceptionByKnownFacts({ match }, known)
        if (exempts !== 'depends') expect(matchException({ match }, { ...request, ...all })).toBe(exempts === 'matches')
      }),
      { numRuns: 2_000 },
    )
  })
})
