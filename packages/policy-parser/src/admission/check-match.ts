import { isJsonObject, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, textOf, textsOf } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import { hasGenerate, hasVerifyImages, isZeroStruct } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import { selectorFault } from './label-selector.ts'
import { blocksOf, descriptionOf } from './policy-view.ts'
import type { Check } from './policy-view.ts'
import { checkWildcardRule } from './wildcard-kinds.ts'

/** What is said about resources and users, in every rule as it is written. */
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

/** One block of a match, an exclude or an exception. */
export function checkBlock(block: JsonObject, path: readonly PathKey[], namespaced: boolean, report: Report): void {
  checkUserInfo(block, path, report)
  const resources = descriptionOf(block)
  if (textOf(resources, 'name') !== '' && itemsOf(ownMember(resources, 'names')).length > 0) {
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
    const kind = textOf(subject, 'kind')
    if (kind === '') report('POLICY_FIELD_MISSING', [...at, 'kind'], 'is required')
    else if (!SUBJECT_KINDS.includes(kind))
      report('POLICY_FIELD_INVALID', [...at, 'kind'], `is ${shown(kind)}, must be one of ${SUBJECT_KINDS.join(', ')}`)
    if (textOf(subject, 'name') === '') report('POLICY_FIELD_MISSING', [...at, 'name'], 'is required')
    if (kind === 'ServiceAccount' && textOf(subject, 'namespace') === '')
      report('POLICY_FIELD_MISSING', [...at, 'namespace'], 'is required for a ServiceAccount')
  })
  textsOf(ownMember(block, 'roles')).forEach((role, i) => {
    if (role.split(':').length !== 2)
      report('POLICY_FIELD_INVALID', [...path, 'roles', i], `is ${shown(role)}, must be namespace:name`)
  })
}

/** What is matched, in every rule as it is evaluated. */
export const checkMatchedResources: Check = ({ computed, background }, report) => {
  for (const { rule, path } of computed) {
    checkForms(rule, path, report)
    checkKindsPresent(rule, path, report)
    for (const section of ['match', 'exclude'] as const) {
      for (const { block, path: at } of blocksOf(rule, section, path)) {
        const kinds = textsOf(ownMember(descriptionOf(block), 'kinds'))
        if (kinds.includes('*')) checkWildcard(rule, kinds, background, [...at, 'resources', 'kinds'], report)
      }
    }
  }
}

/** A section has lists of blocks, or is one block itself; and what matches says something. */
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
          'says nothing about the resources that are matched',
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
  if (kinds.length > 1) report('POLICY_FIELD_CONFLICT', path, '`*` cannot stand beside other kinds')
  if (hasGenerate(rule) || hasVerifyImages(rule))
    report('POLICY_FIELD_CONFLICT', path, '`*` is not supported by rules of this type')
  else checkWildcardRule(rule, path, report)
}
