import { isJsonObject, ownMember } from '@verify-images/primitives'
import { textOf } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import { hasGenerate, hasMutate, hasValidate, hasVerifyImages } from '../rule-type.ts'
import type { Check } from './policy-view.ts'

/** Each rule has its own name and does exactly one thing. */
export const checkRuleTypes: Check = ({ rules }, report) => {
  const names = new Set<string>()
  for (const { rule, path } of rules) {
    const name = textOf(rule, 'name')
    if (names.has(name)) report('POLICY_FIELD_CONFLICT', [...path, 'name'], `another rule is named ${shown(name)}`)
    names.add(name)

    const types = [hasMutate(rule), hasValidate(rule), hasGenerate(rule), hasVerifyImages(rule)].filter(Boolean).length
    if (types === 0)
      report(
        'POLICY_FIELD_MISSING',
        path,
        'the rule does nothing: one of mutate, validate, generate, verifyImages is required',
      )
    if (types > 1)
      report('POLICY_FIELD_CONFLICT', path, 'only one of mutate, validate, generate, verifyImages is allowed in a rule')
    if (isJsonObject(ownMember(rule, 'imageExtractors')) && !hasVerifyImages(rule)) {
      report('POLICY_FIELD_CONFLICT', [...path, 'imageExtractors'], 'can only be set in a verifyImages rule')
    }
  }
}
