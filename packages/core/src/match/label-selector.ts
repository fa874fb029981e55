import type { LabelRequirement, LabelSelector } from '@verify-images/policy-parser'
import { hasWildcard, isLabelKey, isLabelValue, matchWildcard } from '@verify-images/primitives'

export type SelectorResult = { readonly matches: boolean } | { readonly problem: string }

/**
 * Returns whether a selector matches the labels. A selector that Kubernetes would refuse matches nothing.
 *
 * Keys and values of `matchLabels` may be wildcard patterns. Kyverno replaces such a pair by the first label, in
 * document order, that it matches; if there is none, by the pattern with `0` for each wildcard.
 *
 * @see Kyverno, pkg/engine/wildcards; Kubernetes, apimachinery/pkg/labels
 */
export function matchLabelSelector(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const result = evaluateSelector(selector, new Map(Object.entries(labels)))
  return 'matches' in result && result.matches
}

/** Returns whether a selector matches, like {@link matchLabelSelector}, and the problem of an invalid one. */
export function evaluateSelector(
  { matchLabels, matchExpressions, ...unknown }: LabelSelector,
  labels: ReadonlyMap<string, string>,
): SelectorResult {
  const equalities: LabelRequirement[] = [...resolvePatterns(matchLabels ?? {}, labels)].map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }))
  const requirements = [...equalities, ...(matchExpressions ?? [])]
  const problem = problemOfUnknown(unknown) ?? requirements.map(problemOf).find((each) => each !== undefined)
  return problem === undefined ? { matches: requirements.every((each) => holds(each, labels)) } : { problem }
}

function resolvePatterns(
  matchLabels: Readonly<Record<string, string>>,
  labels: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(matchLabels).map(([key, value]) =>
      hasWildcard(key) || hasWildcard(value) ? resolvePattern(key, value, labels) : [key, value],
    ),
  )
}

function resolvePattern(key: string, value: string, labels: ReadonlyMap<string, string>): readonly [string, string] {
  const matching = [...labels].find(([name, text]) => matchWildcard(key, name) && matchWildcard(value, text))
  return matching ?? [withoutWildcards(key), withoutWildcards(value)]
}

function withoutWildcards(pattern: string): string {
  return pattern.replaceAll('*', '0').replaceAll('?', '0')
}

type Operator = (label: string | undefined, values: readonly string[]) => boolean

const OPERATORS: ReadonlyMap<string, { readonly takesValues: boolean; readonly holds: Operator }> = new Map<
  string,
  { takesValues: boolean; holds: Operator }
>([
  ['In', { takesValues: true, holds: (label, values) => label !== undefined && values.includes(label) }],
  ['NotIn', { takesValues: true, holds: (label, values) => label === undefined || !values.includes(label) }],
  ['Exists', { takesValues: false, holds: (label) => label !== undefined }],
  ['DoesNotExist', { takesValues: false, holds: (label) => label === undefined }],
])

function holds({ key, operator, values = [] }: LabelRequirement, labels: ReadonlyMap<string, string>): boolean {
  return OPERATORS.get(operator)?.holds(labels.get(key), values) ?? false
}

function problemOf({ key, operator, values = [], ...unknown }: LabelRequirement): string | undefined {
  const takesValues = OPERATORS.get(operator)?.takesValues
  if (takesValues === undefined) return `"${operator}" is not a valid label selector operator`
  if (!isLabelKey(key)) return `"${key}" is not a valid label key`
  if (takesValues && values.length === 0) return "for 'in', 'notin' operators, values set can't be empty"
  if (!takesValues && values.length > 0) return 'values set must be empty for exists and does not exist'
  const bad = values.find((value) => !isLabelValue(value))
  return bad === undefined ? problemOfUnknown(unknown) : `"${bad}" is not a valid label value`
}

/** A misspelt field requires nothing, so the selector would match everything. */
function problemOfUnknown(members: object): string | undefined {
  const [name] = Object.keys(members)
  return name === undefined ? undefined : `unknown field "${name}"`
}
