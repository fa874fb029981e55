import { isJsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt, valueAt } from '../json-value.ts'
import { controllersAnnotation } from '../compute-rules.ts'
import { shown } from '../policy-error.ts'
import { hasGenerate, hasMutate, hasValidate, hasVerifyImages } from '../rule-type.ts'
import type { Check } from './policy-view.ts'

const MAX_NAME_BYTES = 63

/** Checks the policy's name, namespace and autogen annotation. */
export const checkIdentity: Check = ({ document, namespaced }, report) => {
  if (!namespaced && stringAt(ownMember(document, 'metadata'), 'namespace') !== '')
    report('POLICY_FIELD_CONFLICT', ['metadata', 'namespace'], 'cannot be set in a ClusterPolicy')
  if (controllersAnnotation(document) === 'all') {
    report(
      'POLICY_FIELD_INVALID',
      ['metadata', 'annotations', 'pod-policies.kyverno.io/autogen-controllers'],
      '`all` is no longer supported: remove the annotation or list controllers',
    )
  }
  if (Buffer.byteLength(stringAt(ownMember(document, 'metadata'), 'name')) > MAX_NAME_BYTES)
    report('POLICY_FIELD_INVALID', ['metadata', 'name'], `expected at most ${MAX_NAME_BYTES} bytes`)
}

const REPLACED = [
  ['webhookTimeoutSeconds', 'timeoutSeconds'],
  ['failurePolicy', 'failurePolicy'],
] as const

/** Checks fields that exclude each other, and the range of timeouts. */
export const checkSpecFields: Check = ({ spec, namespaced }, report) => {
  for (const [old, current] of REPLACED) {
    if (ownMember(spec, old) !== undefined && valueAt(spec, 'webhookConfiguration', current) !== undefined) {
      report('POLICY_FIELD_CONFLICT', ['spec', old], `remove it: \`spec.webhookConfiguration.${current}\` is set, too`)
    }
  }
  if (ownMember(spec, 'generateExistingOnPolicyUpdate') !== undefined) {
    report(
      'POLICY_FIELD_INVALID',
      ['spec', 'generateExistingOnPolicyUpdate'],
      'is no longer supported: use `generateExisting` of the generate rule',
    )
  }
  for (const path of [['webhookTimeoutSeconds'], ['webhookConfiguration', 'timeoutSeconds']]) {
    const seconds = valueAt(spec, ...path)
    if (typeof seconds === 'number' && (seconds < 1 || seconds > 30))
      report('POLICY_COUNT_OUT_OF_RANGE', ['spec', ...path], `expected 1 to 30 seconds, got ${seconds}`)
  }
  if (namespaced && itemsOf(ownMember(spec, 'validationFailureActionOverrides')).length > 0) {
    report(
      'POLICY_FIELD_CONFLICT',
      ['spec', 'validationFailureActionOverrides'],
      'is supported only in a ClusterPolicy',
    )
  }
}

/** Checks `admission` and `background`, which cannot both be off. */
export const checkModes: Check = ({ admission, background, rules }, report) => {
  if (admission) return
  if (!background)
    report('POLICY_FIELD_CONFLICT', ['spec', 'admission'], 'admission and background processing cannot both be off')
  if (rules.some(({ rule }) => hasMutate(rule) || hasGenerate(rule) || hasVerifyImages(rule))) {
    report(
      'POLICY_FIELD_CONFLICT',
      ['spec', 'admission'],
      'admission processing can be off only if all rules are validate rules',
    )
  }
}

/** Rules that mutate existing objects need targets. */
export const checkMutateExisting: Check = ({ spec, rules }, report) => {
  for (const { rule, path } of rules) {
    const mutate = ownMember(rule, 'mutate')
    if (!isJsonObject(mutate) || !hasMutate(rule) || itemsOf(ownMember(mutate, 'targets')).length > 0) continue
    if (
      ownMember(spec, 'mutateExistingOnPolicyUpdate') === true ||
      ownMember(mutate, 'mutateExistingOnPolicyUpdate') === true
    ) {
      report(
        'POLICY_FIELD_MISSING',
        [...path, 'mutate', 'targets'],
        'is required if `mutateExistingOnPolicyUpdate` is set',
      )
    }
  }
}

/** The webhook's CEL conditions are neither parsed nor evaluated here. */
export const checkMatchConditions: Check = ({ spec }, report, { withoutCluster }) => {
  const conditions = itemsOf(valueAt(spec, 'webhookConfiguration', 'matchConditions'))
  const path = ['spec', 'webhookConfiguration', 'matchConditions']
  if (withoutCluster === true && conditions.length > 0)
    report('POLICY_FIELD_INVALID', path, 'cannot be checked without a cluster')
}

/** Rule names are unique, and each rule is of exactly one type. */
export const checkRuleTypes: Check = ({ rules }, report) => {
  const names = new Set<string>()
  for (const { rule, path } of rules) {
    const name = stringAt(rule, 'name')
    if (names.has(name))
      report('POLICY_FIELD_CONFLICT', [...path, 'name'], `${shown(name)} is the name of another rule, too`)
    names.add(name)

    const types = [hasMutate(rule), hasValidate(rule), hasGenerate(rule), hasVerifyImages(rule)].filter(Boolean).length
    if (types === 0) report('POLICY_FIELD_MISSING', path, 'expected one of mutate, validate, generate, verifyImages')
    if (types > 1)
      report('POLICY_FIELD_CONFLICT', path, 'expected exactly one of mutate, validate, generate, verifyImages')
    if (isJsonObject(ownMember(rule, 'imageExtractors')) && !hasVerifyImages(rule)) {
      report('POLICY_FIELD_CONFLICT', [...path, 'imageExtractors'], 'can only be set in a verifyImages rule')
    }
  }
}
