import type { Json } from '@verify-images/primitives'
import type { PolicyException, PolicySpec, Rule } from './model.ts'

/**
 * JSON that went through its schema, as the types of the model: the one place where the two meet. They say the same,
 * which a test of every field holds them to; a copy field by field would say it a third time.
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
