import { isJsonArray, type Json, ownMember } from '@verify-images/primitives'
import type { YamlPlace } from '@verify-images/primitives'
import { stringAt } from './json-value.ts'

/**
 * Returns the place of an integer that a double cannot hold, where it would be read.
 *
 * In a policy the metadata, the status, rules without `verifyImages` and objects of other kinds are not read: there the
 * number is rounded, so that a policy is not refused for what does not matter. In an object every
 * value may be read, by an expression.
 */
export function inexactNumber(document: Json, place: YamlPlace): YamlPlace | undefined {
  if (!isPolicy(document)) return firstInexact(place)
  const spec = place.entries?.get('spec')
  const rules = ownMember(ownMember(document, 'spec'), 'rules')
  const rulePlaces = spec?.entries?.get('rules')?.items ?? []
  return (
    firstInexact(without(spec, new Set(['rules']))) ??
    rulePlaces
      .filter((_, i) => isJsonArray(rules) && ownMember(rules[i], 'verifyImages') !== undefined)
      .map((rule) => firstInexact(without(rule, OTHER_BODIES)))
      .find((found) => found !== undefined)
  )
}

const OTHER_BODIES: ReadonlySet<string> = new Set(['validate', 'mutate', 'generate'])
const POLICY_KINDS: ReadonlySet<string> = new Set(['ClusterPolicy', 'Policy', 'PolicyException'])

function isPolicy(document: Json): boolean {
  return stringAt(document, 'apiVersion').startsWith('kyverno.io/') && POLICY_KINDS.has(stringAt(document, 'kind'))
}

function without(place: YamlPlace | undefined, names: ReadonlySet<string>): YamlPlace | undefined {
  if (place?.entries === undefined) return place
  return { ...place, entries: new Map([...place.entries].filter(([name]) => !names.has(name))) }
}

function firstInexact(place: YamlPlace | undefined): YamlPlace | undefined {
  if (place === undefined || place.inexact !== undefined) return place
  for (const inner of [...(place.entries?.values() ?? []), ...(place.items ?? [])]) {
    const found = firstInexact(inner)
    if (found !== undefined) return found
  }
  return undefined
}
