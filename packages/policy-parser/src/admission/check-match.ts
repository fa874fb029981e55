import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt, stringsOf, valueAt } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import { hasGenerate, hasMutate, hasValidate, hasVerifyImages, isZeroStruct } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import { selectorFault } from './label-selector.ts'
import { blocksOf, descriptionOf } from './policy-view.ts'
import type { Check } from './policy-view.ts'

/** Checks resources and users of `match` and `exclude` in every rule as written. */
export const checkMatch: Check = ({ rules, namespaced }, report) => {
  for (const { rule, path } of rules) {
    for (const section of ['match', 'exclude'] as const) {
      const match = ownMember(rule, section)
      if (itemsOf(ownMember(match, 'any')).length > 0 && itemsOf(ownMember(match, 'all')).length > 0) {
        report('POLICY_FIELD_CONFLICT', [...path, section], '`any` and `all` cannot be set together')
      }
      for (const { block, path: at } of blocksOf(rule, section, path)) checkBlock(block, at, namespaced, report)
    }
  }
}

/** Checks one block of a match, an exclude or an exception. */
export function checkBlock(block: JsonObject, path: readonly PathKey[], namespaced: boolean, report: Report): void {
  checkUserInfo(block, path, report)
  const resources = descriptionOf(block)
  if (stringAt(resources, 'name') !== '' && itemsOf(ownMember(resources, 'names')).length > 0) {
    report('POLICY_FIELD_CONFLICT', [...path, 'resources'], '`name` and `names` cannot be set together')
  }
  const selector = ownMember(resources, 'selector')
  const fault = selector === undefined || selector === null ? undefined : selectorFault(selector)
  if (fault !== undefined) report('POLICY_FIELD_INVALID', [...path, 'resources', 'selector'], fault)
  if (namespaced && itemsOf(ownMember(resources, 'namespaces')).length > 0) {
    report(
      'POLICY_FIELD_CONFLICT',
      [...path, 'resources', 'namespaces'],
      'a namespaced policy cannot filter namespaces',
    )
  }
}

const SUBJECT_KINDS: readonly string[] = ['User', 'Group', 'ServiceAccount']

function checkUserInfo(block: JsonObject, path: readonly PathKey[], report: Report): void {
  itemsOf(ownMember(block, 'subjects')).forEach((subject, i) => {
    const at = [...path, 'subjects', i]
    const kind = stringAt(subject, 'kind')
    if (kind === '') report('POLICY_FIELD_MISSING', [...at, 'kind'], 'is required')
    else if (!SUBJECT_KINDS.includes(kind))
      report('POLICY_FIELD_INVALID', [...at, 'kind'], `expected one of ${SUBJECT_KINDS.join(', ')}, got ${shown(kind)}`)
    if (stringAt(subject, 'name') === '') report('POLICY_FIELD_MISSING', [...at, 'name'], 'is required')
    if (kind === 'ServiceAccount' && stringAt(subject, 'namespace') === '')
      report('POLICY_FIELD_MISSING', [...at, 'namespace'], 'is required for a ServiceAccount')
  })
  stringsOf(ownMember(block, 'roles')).forEach((role, i) => {
    if (role.split(':').length !== 2)
      report('POLICY_FIELD_INVALID', [...path, 'roles', i], `expected namespace:name, got ${shown(role)}`)
  })
}

/** Checks the matched resources of every computed rule. */
export const checkMatchedResources: Check = ({ computed, background }, report) => {
  for (const { rule, path } of computed) {
    checkForms(rule, path, report)
    checkKindsPresent(rule, path, report)
    for (const section of ['match', 'exclude'] as const) {
      for (const { block, path: at } of blocksOf(rule, section, path)) {
        const kinds = stringsOf(ownMember(descriptionOf(block), 'kinds'))
        if (kinds.includes('*')) checkWildcard(rule, kinds, background, [...at, 'resources', 'kinds'], report)
      }
    }
  }
}

/** A section either has `any` or `all`, or is a block itself; and a match must not be empty. */
function checkForms(rule: JsonObject, path: readonly PathKey[], report: Report): void {
  for (const section of ['match', 'exclude'] as const) {
    const match = ownMember(rule, section)
    const lists = (['any', 'all'] as const).filter((list) => itemsOf(ownMember(match, list)).length > 0)
    if (isJsonObject(match) && lists.length > 0 && !isZeroStruct(ownMember(match, 'resources'))) {
      report('POLICY_FIELD_CONFLICT', [...path, section], '`any` and `all` cannot be set together with `resources`')
    }
    if (section === 'exclude') continue
    const decisive = lists[0] === undefined ? [match] : itemsOf(ownMember(match, lists[0]))
    decisive.forEach((block, i) => {
      if (isZeroStruct(ownMember(block, 'resources'))) {
        report(
          'POLICY_FIELD_MISSING',
          [...path, section, ...(lists[0] === undefined ? [] : [lists[0], i]), 'resources'],
          'is required and must not be empty',
        )
      }
    })
  }
}

function checkKindsPresent(rule: JsonObject, path: readonly PathKey[], report: Report): void {
  const match = ownMember(rule, 'match')
  const list = (['any', 'all'] as const).find((name) => itemsOf(ownMember(match, name)).length > 0)
  const blocks = list === undefined ? [match] : itemsOf(ownMember(match, list))
  blocks.forEach((block, i) => {
    if (itemsOf(ownMember(ownMember(block, 'resources'), 'kinds')).length === 0) {
      report(
        'POLICY_FIELD_MISSING',
        [...path, 'match', ...(list === undefined ? [] : [list, i]), 'resources', 'kinds'],
        'at least one kind is required',
      )
    }
  })
}

function checkWildcard(
  rule: JsonObject,
  kinds: readonly string[],
  background: boolean,
  path: readonly PathKey[],
  report: Report,
): void {
  if (background)
    report('POLICY_FIELD_CONFLICT', path, '`*` is not allowed in background mode; set `spec.background` to false')
  if (kinds.length > 1) report('POLICY_FIELD_CONFLICT', path, '`*` cannot be combined with other kinds')
  if (hasGenerate(rule) || hasVerifyImages(rule))
    report('POLICY_FIELD_CONFLICT', path, '`*` is not supported by rules of this type')
  else checkWildcardRule(rule, path, report)
}

const METADATA_VARIABLE = /\{\{\s*(?:request\.|serviceAccountName|serviceAccountNamespace)[^{}]*\}\}/

/** A rule for every kind must be about metadata only. */
function checkWildcardRule(rule: JsonObject, path: readonly PathKey[], report: Report): void {
  const validate = ownMember(rule, 'validate')
  if (isJsonArray(ownMember(validate, 'foreach')))
    report('POLICY_FIELD_CONFLICT', path, '`*` is not supported by rules of this type')
  const patterned = (ownMember(validate, 'pattern') ?? ownMember(validate, 'anyPattern') ?? null) !== null
  const mustBeMetadata = (hasValidate(rule) && patterned) || hasMutate(rule)
  if ((mustBeMetadata && !isMetadataOnly(rule)) || !conditionsAreMetadata(validate)) {
    report('POLICY_FIELD_CONFLICT', path, 'a rule for `*` can use only the metadata of resources')
  }
}

function isMetadataOnly(rule: JsonObject): boolean {
  const merge = valueAt(rule, 'mutate', 'patchStrategicMerge')
  const patterns = [merge, valueAt(rule, 'validate', 'pattern'), ...itemsOf(valueAt(rule, 'validate', 'anyPattern'))]
  return patterns.every((pattern) => !isJsonObject(pattern) || Object.keys(pattern).every((key) => key === 'metadata'))
}

/** Kyverno checks only the old array form. */
function conditionsAreMetadata(validate: Json | undefined): boolean {
  return itemsOf(valueAt(validate, 'deny', 'conditions')).every((condition) => {
    const key = stringAt(condition, 'key')
    return (
      key.includes('request.object.metadata.') || (METADATA_VARIABLE.test(key) && !key.includes('request.object.spec'))
    )
  })
}
