import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt, valueAt } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import { hasImageValidation } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import type { Check } from './policy-view.ts'

/** Admission compares case-sensitively, evaluation does not. */
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

/** Checks the conditions of every computed rule. */
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
    // If one entry has `validate`, Kyverno reads `deny` of every entry, and crashes where it is missing.
    if (!isJsonObject(valueAt(entry, 'validate', 'deny')))
      report(
        'POLICY_FIELD_MISSING',
        [...at, 'validate', 'deny'],
        'is required in every entry if one entry of the rule has `validate`',
      )
    checkWhole(valueAt(entry, 'validate', 'deny', 'conditions'), [...at, 'validate', 'deny', 'conditions'], report)
  })
}

function checkWhole(conditions: Json | undefined, path: readonly PathKey[], report: Report): void {
  for (const { condition, path: at } of listConditions(conditions, path)) {
    if (
      (ownMember(condition, 'key') ?? null) === null ||
      (ownMember(condition, 'value') ?? null) === null ||
      stringAt(condition, 'operator') === ''
    ) {
      report('POLICY_FIELD_MISSING', at, '`key`, `operator` and `value` are required')
    } else checkOperation(condition, at, report)
  }
  checkOperators(conditions, path, report)
}

function checkOperators(conditions: Json | undefined, path: readonly PathKey[], report: Report): void {
  for (const { condition, path: at } of listConditions(conditions, path)) {
    const operator = stringAt(condition, 'operator')
    if (!OPERATORS.has(operator))
      report(
        'POLICY_FIELD_INVALID',
        [...at, 'operator'],
        `expected one of ${[...OPERATORS].join(', ')}, got ${shown(operator)}`,
      )
  }
}

/** Lists the conditions of an array, or of both arrays of an any/all object. */
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

/** `{{ request.operation }}` may be compared only with existing operations. */
function checkOperation(condition: Json, path: readonly PathKey[], report: Report): void {
  if (stringAt(condition, 'key').replaceAll(' ', '') !== '{{request.operation}}') return
  const value = ownMember(condition, 'value') ?? null
  if (typeof value === 'string' && value.length >= 4 && value.startsWith('{{') && value.endsWith('}}')) return
  if (!isJsonArray(value) && typeof value !== 'string') {
    report('POLICY_FIELD_INVALID', [...path, 'value'], 'expected a string or an array of strings')
    return
  }
  for (const operation of isJsonArray(value) ? value : [value]) {
    if (typeof operation !== 'string' || !OPERATIONS.includes(operation))
      report(
        'POLICY_FIELD_INVALID',
        [...path, 'value'],
        `expected one of ${OPERATIONS.join(', ')}, got ${shown(operation)}`,
      )
  }
}
