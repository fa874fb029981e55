import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, textOf, valueAt } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import { hasValidate } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import { checkNested } from './check-nested.ts'
import { checkPattern } from './check-pattern.ts'
import { metadataIsText } from './metadata-text.ts'
import type { Check } from './policy-view.ts'

/** Validate rules, as they are evaluated. */
export const checkValidate: Check = ({ computed }, report) => {
  for (const { rule, path } of computed) {
    const validate = ownMember(rule, 'validate')
    if (!isJsonObject(validate)) continue
    const at = [...path, 'validate']
    checkPodSecurity(ownMember(validate, 'podSecurity'), [...at, 'podSecurity'], report)
    if (!hasValidate(rule)) continue
    checkOne(elementsOf(validate), at, report, 'pattern, anyPattern, deny, foreach, podSecurity, cel, manifests')
    checkPattern(ownMember(validate, 'pattern') ?? null, [...at, 'pattern'], true, report)
    checkAnyPattern(ownMember(validate, 'anyPattern') ?? null, [...at, 'anyPattern'], report)
    itemsOf(ownMember(validate, 'foreach')).forEach((loop, i) => checkLoop(loop, [...at, 'foreach', i], report))
    if (isJsonArray(ownMember(rule, 'celPreconditions')) && !isJsonObject(ownMember(validate, 'cel')))
      report('POLICY_FIELD_CONFLICT', [...path, 'celPreconditions'], 'can only be used with `validate.cel`')
    checkCel(ownMember(validate, 'cel'), [...at, 'cel'], report)
    if (!patternsOf(validate).every(metadataIsText))
      report('POLICY_FIELD_INVALID', at, 'labels and annotations in a pattern must be text; quote them')
  }
}

/** Those whose metadata upstream looks at: of loops, the first pattern that there is. */
function patternsOf(validate: JsonObject): readonly Json[] {
  const loops = itemsOf(ownMember(validate, 'foreach'))
  if (loops.length === 0) return [ownMember(validate, 'pattern') ?? null, ...itemsOf(ownMember(validate, 'anyPattern'))]
  return loops
    .map((loop) => ownMember(loop, 'pattern') ?? null)
    .filter(isJsonObject)
    .slice(0, 1)
}

function checkAnyPattern(patterns: Json, path: readonly PathKey[], report: Report): void {
  if (patterns !== null && !isJsonArray(patterns)) report('POLICY_FIELD_INVALID', path, 'must be a list of patterns')
  itemsOf(patterns).forEach((pattern, i) => checkPattern(pattern, [...path, i], true, report))
}

function elementsOf(validate: JsonObject): number {
  const present = ['pattern', 'anyPattern'].filter((key) => (ownMember(validate, key) ?? null) !== null).length
  const objects = ['deny', 'podSecurity', 'cel'].filter((key) => isJsonObject(ownMember(validate, key))).length
  const loops = isJsonArray(ownMember(validate, 'foreach')) ? 1 : 0
  return present + objects + loops + (itemsOf(valueAt(validate, 'manifests', 'attestors')).length > 0 ? 1 : 0)
}

function checkOne(found: number, path: readonly PathKey[], report: Report, names: string): void {
  if (found !== 1)
    report(
      found === 0 ? 'POLICY_FIELD_MISSING' : 'POLICY_FIELD_CONFLICT',
      path,
      `exactly one of ${names} is required, not ${found}`,
    )
}

function checkLoop(loop: Json, path: readonly PathKey[], report: Report): void {
  checkNested(loop, path, report)
  if (textOf(loop, 'list') === '') report('POLICY_FIELD_MISSING', [...path, 'list'], 'is required')
  const found =
    ['pattern', 'anyPattern'].filter((key) => (ownMember(loop, key) ?? null) !== null).length +
    (isJsonObject(ownMember(loop, 'deny')) ? 1 : 0) +
    (itemsOf(ownMember(loop, 'foreach')).length > 0 ? 1 : 0)
  checkOne(found, path, report, 'pattern, anyPattern, deny, foreach')
}

function checkCel(cel: Json | undefined, path: readonly PathKey[], report: Report): void {
  if (!isJsonObject(cel)) return
  const missing = (at: readonly PathKey[], value: string): void => {
    if (value === '') report('POLICY_FIELD_MISSING', at, 'is required')
  }
  itemsOf(ownMember(cel, 'expressions')).forEach((item, i) =>
    missing([...path, 'expressions', i, 'expression'], textOf(item, 'expression')),
  )
  itemsOf(ownMember(cel, 'auditAnnotations')).forEach((item, i) => {
    for (const key of ['key', 'valueExpression']) missing([...path, 'auditAnnotations', i, key], textOf(item, key))
  })
  const [kind, reference] = [ownMember(cel, 'paramKind'), ownMember(cel, 'paramRef')]
  if (isJsonObject(kind) !== isJsonObject(reference))
    report('POLICY_FIELD_MISSING', path, '`paramKind` and `paramRef` are only allowed together')
  if (isJsonObject(kind))
    for (const key of ['apiVersion', 'kind']) missing([...path, 'paramKind', key], textOf(kind, key))
  if (!isJsonObject(reference)) return
  if ((textOf(reference, 'name') !== '') === isJsonObject(ownMember(reference, 'selector')))
    report('POLICY_FIELD_CONFLICT', [...path, 'paramRef'], 'exactly one of name, selector is required')
  if (ownMember(reference, 'parameterNotFoundAction') === undefined)
    report('POLICY_FIELD_MISSING', [...path, 'paramRef', 'parameterNotFoundAction'], 'is required')
}

const RESTRICTED: readonly string[] = [
  'Volume Types',
  'Privilege Escalation',
  'Running as Non-root',
  'Running as Non-root user',
]
const OF_CONTAINERS: readonly string[] = [
  'Capabilities',
  'Privileged Containers',
  'Host Ports',
  '/proc Mount Type',
  'Privilege Escalation',
]
const OF_PODS: readonly string[] = ['Host Namespaces', 'HostPath Volumes', 'Sysctls', 'Volume Types']

function checkPodSecurity(podSecurity: Json | undefined, path: readonly PathKey[], report: Report): void {
  const baseline = textOf(podSecurity, 'level') === 'baseline'
  itemsOf(ownMember(podSecurity, 'exclude')).forEach((control, i) => {
    checkControl(control, [...path, 'exclude', i], report)
    if (baseline && RESTRICTED.includes(textOf(control, 'controlName')))
      report(
        'POLICY_FIELD_INVALID',
        [...path, 'exclude', i, 'controlName'],
        `${shown(textOf(control, 'controlName'))} is no control of level baseline`,
      )
  })
}

/** One excluded control, in a rule or an exception. */
export function checkControl(control: Json, path: readonly PathKey[], report: Report): void {
  const name = textOf(control, 'controlName')
  const images = itemsOf(ownMember(control, 'images')).length > 0
  if (OF_CONTAINERS.includes(name) && !images)
    report('POLICY_FIELD_MISSING', [...path, 'images'], 'is required for a control of containers')
  if (OF_PODS.includes(name) && images)
    report('POLICY_FIELD_CONFLICT', [...path, 'images'], 'cannot be set for a control of Pods')
  const [field, values] = [textOf(control, 'restrictedField') !== '', itemsOf(ownMember(control, 'values')).length > 0]
  if (field !== values)
    report(
      'POLICY_FIELD_MISSING',
      [...path, field ? 'values' : 'restrictedField'],
      '`restrictedField` and `values` are only allowed together',
    )
}
