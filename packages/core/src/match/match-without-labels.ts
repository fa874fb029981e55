import type { LabelSelector, MatchBlock, MatchResources, PolicyException, Rule } from '@verify-images/policy-parser'
import { matchException } from './match-exception.ts'
import type { MatchRequest } from './match-request.ts'
import { matchRule } from './match-rule.ts'

/** A request before the labels of its namespace are known. */
export type UnlabelledRequest = Omit<MatchRequest, 'namespaceLabels'>

/** `depends`: only the labels of the namespace can tell. */
export type MatchWithoutLabels = 'matches' | 'does-not-match' | 'depends'

/**
 * Returns what can be said of a rule without the labels of the namespace, so that nobody has to read labels for a rule
 * that does not match anyway.
 *
 * It matches most where every selector in `match` selects the namespace and none in `exclude` does, and least in the
 * opposite case.
 */
export function matchRuleWithoutLabels(
  { match, exclude, ...rule }: Pick<Rule, 'name' | 'match' | 'exclude'>,
  request: UnlabelledRequest,
): MatchWithoutLabels {
  const matches = (inMatch: LabelSelector, inExclude: LabelSelector): boolean =>
    matchRule(
      {
        ...rule,
        match: withSelector(match, inMatch),
        ...(exclude === undefined ? {} : { exclude: withSelector(exclude, inExclude) }),
      },
      { ...request, namespaceLabels: {} },
    ).matched
  return withoutLabels(matches(SELECTS, REJECTS), matches(REJECTS, SELECTS))
}

/** Returns what can be said of the `match` of an exception without the labels of the namespace. */
export function matchExceptionWithoutLabels(
  { match }: Pick<PolicyException, 'match'>,
  request: UnlabelledRequest,
): MatchWithoutLabels {
  const matches = (selector: LabelSelector): boolean =>
    matchException({ match: withSelector(match, selector) }, { ...request, namespaceLabels: {} })
  return withoutLabels(matches(SELECTS), matches(REJECTS))
}

function withoutLabels(atMost: boolean, atLeast: boolean): MatchWithoutLabels {
  if (!atMost) return 'does-not-match'
  return atLeast ? 'matches' : 'depends'
}

/** Of a namespace without labels, as it is assumed here. */
const SELECTS: LabelSelector = {}
const REJECTS: LabelSelector = { matchExpressions: [{ key: 'any', operator: 'Exists' }] }

function withSelector({ any, all, ...legacy }: MatchResources, selector: LabelSelector): MatchResources {
  const replaced = (block: MatchBlock): MatchBlock =>
    block.resources?.namespaceSelector === undefined
      ? block
      : { ...block, resources: { ...block.resources, namespaceSelector: selector } }
  return {
    ...replaced(legacy),
    ...(any === undefined ? {} : { any: any.map(replaced) }),
    ...(all === undefined ? {} : { all: all.map(replaced) }),
  }
}
