import { isJsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, textOf, valueAt } from '../json-value.ts'
import { controllersAnnotation } from '../compute-rules.ts'
import { hasGenerate, hasMutate, hasVerifyImages } from '../rule-type.ts'
import type { Check } from './policy-view.ts'

const MAX_NAME_BYTES = 63

/** The policy's own name and annotations. */
export const checkIdentity: Check = ({ document, namespaced }, report) => {
  if (!namespaced && textOf(ownMember(document, 'metadata'), 'namespace') !== '')
    report('POLICY_FIELD_CONFLICT', ['metadata', 'namespace'], 'a ClusterPolicy has no namespace')
  if (controllersAnnotation(document) === 'all') {
    report(
      'POLICY_FIELD_INVALID',
      ['metadata', 'annotations', 'pod-policies.kyverno.io/autogen-controllers'],
      'does not support `all` any more; remove the annotation or name controllers',
    )
  }
  if (Buffer.byteLength(textOf(ownMember(document, 'metadata'), 'name')) > MAX_NAME_BYTES)
    report('POLICY_FIELD_INVALID', ['metadata', 'name'], `is longer than ${MAX_NAME_BYTES} bytes`)
}

const REPLACED = [
  ['webhookTimeoutSeconds', 'timeoutSeconds'],
  ['failurePolicy', 'failurePolicy'],
] as const

/** Fields that exclude each other, and numbers in their range. */
export const checkSpecFields: Check = ({ spec, namespaced }, report) => {
  for (const [old, current] of REPLACED) {
    if (ownMember(spec, old) !== undefined && valueAt(spec, 'webhookConfiguration', current) !== undefined) {
      report(
        'POLICY_FIELD_CONFLICT',
        ['spec', old],
        `remove it, \`spec.webhookConfiguration.${current}\` says the same`,
      )
    }
  }
  if (ownMember(spec, 'generateExistingOnPolicyUpdate') !== undefined) {
    report(
      'POLICY_FIELD_INVALID',
      ['spec', 'generateExistingOnPolicyUpdate'],
      'remove it and use `generateExisting` of the generate rule',
    )
  }
  for (const path of [['webhookTimeoutSeconds'], ['webhookConfiguration', 'timeoutSeconds']]) {
    const seconds = valueAt(spec, ...path)
    if (typeof seconds === 'number' && (seconds < 1 || seconds > 30))
      report('POLICY_COUNT_OUT_OF_RANGE', ['spec', ...path], `is ${seconds}, must be between 1 and 30 seconds`)
  }
  if (namespaced && itemsOf(ownMember(spec, 'validationFailureActionOverrides')).length > 0) {
    report(
      'POLICY_FIELD_CONFLICT',
      ['spec', 'validationFailureActionOverrides'],
      'is supported only in a ClusterPolicy',
    )
  }
}

/** When the policy is applied at all. */
export const checkModes: Check = ({ admission, background, rules }, report) => {
  if (admission) return
  if (!background)
    report('POLICY_FIELD_CONFLICT', ['spec', 'admission'], 'admission and background processing cannot both be off')
  if (rules.some(({ rule }) => hasMutate(rule) || hasGenerate(rule) || hasVerifyImages(rule))) {
    report(
      'POLICY_FIELD_CONFLICT',
      ['spec', 'admission'],
      'admission processing can be off only where all rules validate',
    )
  }
}

/** Mutation of objects that exist already needs to know them. */
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
        'is required where `mutateExistingOnPolicyUpdate` is set',
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
