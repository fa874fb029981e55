import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, textOf, valueAt } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import { hasImageValidation } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import type { Check } from './policy-view.ts'

/** Spelled exactly so; at evaluation the case of letters does not matter. */
const OPERATORS: ReadonlySet<string> = new Set([
  'Equal',
  'Equals',
  'NotEqual',
  'NotEquals',
  'In',
  'AnyIn',
  'AllIn',
  'NotIn',
  'AnyNotIn',
  'AllNotIn',
  'GreaterThanOrEquals',
  'GreaterThan',
  'LessThanOrEquals',
  'LessThan',
  'DurationGreaterThanOrEquals',
  'DurationGreaterThan',
  'DurationLessThanOrEquals',
  'DurationLessThan',
])

/** Conditions of every rule as it is evaluated. */
export const checkConditions: Check = ({ computed }, report) => {
  for (const { rule, path } of computed) {
    checkWhole(ownMember(rule, 'preconditions'), [...path, 'preconditions'], report)
    checkEntries(rule, path, report)
  }
}

function checkEntries(rule: JsonObject, path: readonly PathKey[], report: Report): void {
  const validated = hasImageValidation(rule)
  itemsOf(ownMember(rule, 'verifyImages')).forEach((entry, i) => {
    const at = [...path, 'verifyImages', i]
    itemsOf(ownMember(entry, 'attestations')).forEach((attestation, j) => {
      itemsOf(ownMember(attestation, 'conditions')).forEach((block, k) =>
        checkOperators(block, [...at, 'attestations', j, 'conditions', k], report),
      )
    })
    if (!validated) return
    // One entry with conditions on several attestations makes upstream look for `deny` in every entry, and crash.
    if (!isJsonObject(valueAt(entry, 'validate', 'deny')))
      report(
        'POLICY_FIELD_MISSING',
        [...at, 'validate', 'deny'],
        'is required in every entry of a rule that has `validate` in one',
      )
    checkWhole(valueAt(entry, 'validate', 'deny', 'conditions'), [...at, 'validate', 'deny', 'conditions'], report)
  })
}

function checkWhole(conditions: Json | undefined, path: readonly PathKey[], report: Report): void {
  for (const { condition, path: at } of listConditions(conditions, path)) {
    if (
      (ownMember(condition, 'key') ?? null) === null ||
      (ownMember(condition, 'value') ?? null) === null ||
      textOf(condition, 'operator') === ''
    ) {
      report('POLICY_FIELD_MISSING', at, '`key`, `operator` and `value` are required')
    } else checkOperation(condition, at, report)
  }
  checkOperators(conditions, path, report)
}

function checkOperators(conditions: Json | undefined, path: readonly PathKey[], report: Report): void {
  for (const { condition, path: at } of listConditions(conditions, path)) {
    const operator = textOf(condition, 'operator')
    if (!OPERATORS.has(operator))
      report(
        'POLICY_FIELD_INVALID',
        [...at, 'operator'],
        `is ${shown(operator)}, must be one of ${[...OPERATORS].join(', ')}`,
      )
  }
}

/** The conditions of a list, or of both lists of an any/all object. */
export function listConditions(
  conditions: Json | undefined,
  path: readonly PathKey[],
): { readonly condition: Json; readonly path: readonly PathKey[] }[] {
  if (isJsonArray(conditions)) return conditions.map((condition, i) => ({ condition, path: [...path, i] }))
  return (['any', 'all'] as const).flatMap((list) =>
    itemsOf(ownMember(conditions, list)).map((condition, i) => ({ condition, path: [...path, list, i] })),
  )
}

const OPERATIONS: readonly string[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/** A comparison with the operation of the request can only be with operations that exist. */
function checkOperation(condition: Json, path: readonly PathKey[], report: Report): void {
  if (textOf(condition, 'key').replaceAll(' ', '') !== '{{request.operation}}') return
  const value = ownMember(condition, 'value') ?? null
  if (typeof value === 'string' && value.length >= 4 && value.startsWith('{{') && value.endsWith('}}')) return
  if (!isJsonArray(value) && typeof value !== 'string') {
    report('POLICY_FIELD_INVALID', [...path, 'value'], 'must be text or a list of texts')
    return
  }
  for (const operation of isJsonArray(value) ? value : [value]) {
    if (typeof operation !== 'string' || !OPERATIONS.includes(operation))
      report('POLICY_FIELD_INVALID', [...path, 'value'], `${shown(operation)} is none of ${OPERATIONS.join(', ')}`)
  }
}
