import type { LabelSelector, MatchBlock, MatchResources, PolicyException, Rule } from '@verify-images/policy-parser'
import { matchException } from './match-exception.ts'
import type { MatchRequest, RequestUser } from './match-request.ts'
import { matchRule } from './match-rule.ts'

type Unknowable = 'namespaceLabels' | 'userInfo' | 'roles' | 'clusterRoles'

/** A request of which some facts are not known (yet); such a fact is undefined, which is not the same as empty. */
export interface KnownFacts extends Omit<MatchRequest, Unknowable> {
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  readonly userInfo: RequestUser | undefined
  readonly roles: readonly string[] | undefined
  readonly clusterRoles: readonly string[] | undefined
}

/** `depends`: the unknown facts decide. */
export type KnownMatch = 'matches' | 'does-not-match' | 'depends'

/**
 * Returns whether a rule matches, as far as the known facts tell. Labels and role bindings need not be read for a rule
 * that does not match anyway, and an unknown fact never counts as one that does not match.
 *
 * A rule matches most where every unknown fact satisfies `match` and none satisfies `exclude`, and least in the
 * opposite case.
 */
export function matchRuleByKnownFacts(
  { match, exclude, ...rule }: Pick<Rule, 'name' | 'match' | 'exclude'>,
  facts: KnownFacts,
): KnownMatch {
  const matches = (most: boolean): boolean =>
    matchRule(
      {
        ...rule,
        match: assume(match, facts, most),
        ...(exclude === undefined ? {} : { exclude: assume(exclude, facts, !most) }),
      },
      assumedRequest(facts),
    ).matched
  return knownMatch(matches(true), matches(false))
}

/** Returns whether the `match` of an exception selects the object, as far as the known facts tell. */
export function matchExceptionByKnownFacts({ match }: Pick<PolicyException, 'match'>, facts: KnownFacts): KnownMatch {
  const matches = (most: boolean): boolean =>
    matchException({ match: assume(match, facts, most) }, assumedRequest(facts))
  return knownMatch(matches(true), matches(false))
}

function knownMatch(atMost: boolean, atLeast: boolean): KnownMatch {
  if (!atMost) return 'does-not-match'
  return atLeast ? 'matches' : 'depends'
}

/** What an unknown fact is, here; `assume` writes blocks that select it, or do not. */
const ASSUMED = 'assumed'
const ANOTHER = 'another'
const SELECTS: LabelSelector = {}
const REJECTS: LabelSelector = { matchExpressions: [{ key: ASSUMED, operator: 'Exists' }] }

function assumedRequest(facts: KnownFacts): MatchRequest {
  const {
    namespaceLabels = {},
    userInfo = { username: ASSUMED },
    roles = [ASSUMED],
    clusterRoles = [ASSUMED],
    ...known
  } = facts
  return { ...known, namespaceLabels, userInfo, roles, clusterRoles }
}

/** Writes each condition on an unknown fact so that it is satisfied, or so that it is not. */
function assume({ any, all, ...legacy }: MatchResources, facts: KnownFacts, satisfied: boolean): MatchResources {
  const written = (block: MatchBlock): MatchBlock => assumeBlock(block, facts, satisfied ? ASSUMED : ANOTHER)
  return {
    ...written(legacy),
    ...(any === undefined ? {} : { any: any.map(written) }),
    ...(all === undefined ? {} : { all: all.map(written) }),
  }
}

function assumeBlock(block: MatchBlock, facts: KnownFacts, name: string): MatchBlock {
  const { resources, roles = [], clusterRoles = [], subjects = [] } = block
  const namespaceSelector = name === ASSUMED ? SELECTS : REJECTS
  return {
    ...block,
    ...(facts.namespaceLabels === undefined && resources?.namespaceSelector !== undefined
      ? { resources: { ...resources, namespaceSelector } }
      : {}),
    // An empty array requires nothing.
    ...(facts.roles === undefined && roles.length > 0 ? { roles: [name] } : {}),
    ...(facts.clusterRoles === undefined && clusterRoles.length > 0 ? { clusterRoles: [name] } : {}),
    ...(facts.userInfo === undefined && subjects.length > 0 ? { subjects: [{ kind: 'User', name }] } : {}),
  }
}
