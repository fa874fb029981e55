import { hasWildcard, type Json, matchWildcard, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt, stringsOf } from '../json-value.ts'
import { LIMITS } from '../limits.ts'
import { shown } from '../policy-error.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import type { Check } from './policy-view.ts'

/** A namespace must not get both failure actions, neither by name nor by pattern. */
export const checkOverrides: Check = ({ spec, rules, namespaced }, report) => {
  if (namespaced) return
  checkList(ownMember(spec, 'validationFailureActionOverrides'), ['spec', 'validationFailureActionOverrides'], report)
  for (const { rule, path } of rules) {
    checkList(
      ownMember(ownMember(rule, 'validate'), 'failureActionOverrides'),
      [...path, 'validate', 'failureActionOverrides'],
      report,
    )
  }
}

type Action = 'enforce' | 'audit'

function checkList(list: Json | undefined, path: readonly PathKey[], report: Report): void {
  const names: Record<Action, string[]> = { enforce: [], audit: [] }
  itemsOf(list).forEach((override, i) => {
    const action = stringAt(override, 'action').toLowerCase()
    if (action !== 'enforce' && action !== 'audit') {
      report('POLICY_FIELD_MISSING', [...path, i, 'action'], 'expected Audit or Enforce')
      return
    }
    const other = action === 'enforce' ? 'audit' : 'enforce'
    const namespaces = stringsOf(ownMember(override, 'namespaces'))
    if (names.enforce.length + names.audit.length + namespaces.length > LIMITS.names) {
      report('POLICY_TOO_LARGE', [...path, i, 'namespaces'], `more than ${LIMITS.names} namespaces`)
      return
    }
    const conflict = namespaces.find((name) => names[other].some((known) => conflicting(name, known)))
    if (conflict !== undefined)
      report('POLICY_FIELD_CONFLICT', [...path, i, 'namespaces'], `${shown(conflict)} also has the other action`)
    names[action].push(...namespaces)
  })
}

/** Two names conflict if they are equal or one of them is a pattern that matches the other. */
function conflicting(name: string, known: string): boolean {
  return (
    name === known ||
    (hasWildcard(name) && matchWildcard(name, known)) ||
    (hasWildcard(known) && matchWildcard(known, name))
  )
}
