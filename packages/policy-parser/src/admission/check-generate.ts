import {
  hasWildcard,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  ownMember,
} from '@verify-images/primitives'
import { textOf, textsOf, valueAt } from '../json-value.ts'
import { hasGenerate, isZeroStruct } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import { checkPattern } from './check-pattern.ts'
import type { Check } from './policy-view.ts'

/** Generate rules. Which kinds belong to a namespace is not known here: all are taken to. */
export const checkGenerate: Check = ({ rules, namespaced, document }, report, { withoutCluster = false }) => {
  const namespace = namespaced ? textOf(ownMember(document, 'metadata'), 'namespace') : undefined
  for (const { rule, path } of rules) {
    const generate = ownMember(rule, 'generate')
    if (!isJsonObject(generate) || !hasGenerate(rule)) continue
    const at = [...path, 'generate']
    const loops = ownMember(generate, 'foreach')
    const forms = [
      (ownMember(generate, 'data') ?? null) !== null,
      !isZeroStruct(ownMember(generate, 'clone')),
      isJsonArray(valueAt(generate, 'cloneList', 'kinds')),
      isJsonArray(loops),
    ]
    if (forms.filter(Boolean).length > 1)
      report('POLICY_FIELD_CONFLICT', at, 'only one of data, clone, cloneList, foreach is allowed')
    else if (isJsonArray(loops)) loops.forEach((loop, i) => checkTarget(loop, namespace, [...at, 'foreach', i], report))
    else checkTarget(generate, namespace, at, report)
    // Upstream's stand-in for the cluster does not know the rest of the rule.
    if (!withoutCluster && isJsonArray(ownMember(rule, 'celPreconditions')))
      report('POLICY_FIELD_CONFLICT', [...path, 'celPreconditions'], 'can only be used with `validate.cel`')
    checkRest(rule, generate, path, report)
  }
}

function checkRest(rule: JsonObject, generate: JsonObject, path: readonly PathKey[], report: Report): void {
  checkPattern(ownMember(generate, 'data') ?? null, [...path, 'generate', 'data'], false, report)
  const selector = valueAt(generate, 'cloneList', 'selector')
  if (isJsonObject(selector) && hasWildcard(JSON.stringify(selector)))
    report('POLICY_FIELD_INVALID', [...path, 'generate', 'cloneList', 'selector'], 'wildcards are not supported here')
  const kind = textOf(generate, 'kind')
  if (textsOf(valueAt(rule, 'match', 'resources', 'kinds')).includes(kind))
    report('POLICY_FIELD_CONFLICT', [...path, 'generate', 'kind'], 'cannot be a kind that the rule matches')
}

function checkTarget(
  target: Json,
  policyNamespace: string | undefined,
  path: readonly PathKey[],
  report: Report,
): void {
  const namespace = textOf(target, 'namespace')
  if (policyNamespace !== undefined && namespace !== policyNamespace)
    report('POLICY_FIELD_INVALID', [...path, 'namespace'], "must be the policy's own namespace")
  const kinds = textsOf(valueAt(target, 'cloneList', 'kinds'))
  if (kinds.length > 0) {
    const source = textOf(ownMember(target, 'cloneList'), 'namespace')
    if (source === '') report('POLICY_FIELD_MISSING', [...path, 'cloneList', 'namespace'], 'is required')
    else if (policyNamespace !== undefined && source !== policyNamespace)
      report('POLICY_FIELD_INVALID', [...path, 'cloneList', 'namespace'], "must be the policy's own namespace")
    if (textOf(target, 'kind') === '') return
  } else {
    for (const key of ['kind', 'name', 'apiVersion']) {
      if (textOf(target, key) === '') report('POLICY_FIELD_MISSING', [...path, key], 'is required')
    }
  }
  if (textOf(target, 'kind') !== '' && namespace === '')
    report('POLICY_FIELD_MISSING', [...path, 'namespace'], 'is required')
  const clone = ownMember(target, 'clone')
  if (policyNamespace !== undefined && textOf(clone, 'name') !== '' && textOf(clone, 'namespace') !== policyNamespace) {
    report('POLICY_FIELD_INVALID', [...path, 'clone', 'namespace'], "must be the policy's own namespace")
  }
}
