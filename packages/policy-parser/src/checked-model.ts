import type { Json } from '@verify-images/primitives'
import type { PolicyException, PolicySpec, Rule } from './model.ts'

/**
 * Schema-checked JSON as the types of the model: the only casts between the two. A test compares schema and types field by
 * field.
 */

export function asRule(checked: Json): Rule {
  return checked as unknown as Rule
}

export function asSpec(checked: Json): PolicySpec {
  return checked as unknown as PolicySpec
}

export function asExceptionSpec(
  checked: Json,
): Pick<PolicyException, 'match' | 'conditions' | 'exceptions'> & { readonly background?: boolean } {
  return checked as unknown as Pick<PolicyException, 'match' | 'conditions' | 'exceptions'>
}
