import type { Reason } from '@verify-images/attestor-evaluator'
import { substitute } from '@verify-images/condition-engine'
import { decodeRule, encodeRule, PolicyError, type ImageVerification, type Rule } from '@verify-images/policy-parser'
import { isJsonObject, type Json } from '@verify-images/primitives'
import { objectOf } from '../../request/copy-json.ts'
import { answer } from './answer.ts'
import type { Variables } from './lazy-context.ts'

/**
 * Substitutes all of a rule but its conditions over attested data, whose variables do not exist yet. A member that
 * changes its type is an error, as in Kyverno's decoding.
 */
export async function substituteRule(
  rule: Rule,
  variables: Variables,
  operation: string,
): Promise<{ readonly rule: Rule } | { readonly failure: Reason }> {
  const constant = constants.get(rule)
  if (constant !== undefined) return { rule: constant }
  const entries = rule.verifyImages ?? []
  const withoutConditions = {
    ...rule,
    verifyImages: entries.map(({ attestations, validate, ...entry }) => ({
      ...entry,
      ...(attestations ? { attestations: attestations.map(({ conditions: _, ...attestation }) => attestation) } : {}),
      ...(validate?.message === undefined ? {} : { validate: { message: validate.message } }),
    })),
  }
  return answer(async () => {
    const encoded = encodeRule(withoutConditions)
    const isConstant = !hasVariables(encoded)
    const filled = isConstant
      ? encoded
      : await variables.evaluate((context) => substitute(encoded, context, { operation }))
    try {
      const substituted = restoreConditions(decodeRule(filled), entries)
      if (isConstant) constants.set(rule, substituted)
      return { rule: substituted }
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      return { failure: { code: error.code, message: error.message } }
    }
  })
}

/** Rules without variables, as they are after substitution: most rules, in every evaluation. */
const constants = new WeakMap<Rule, Rule>()

/** Returns whether a string has a variable (`{{ … }}`), an escaped one, or a reference to another field (`$(…)`). */
function hasVariables(encoded: Json): boolean {
  const text = JSON.stringify(encoded)
  return text.includes('{{') || text.includes('$(')
}

function restoreConditions(rule: Rule, original: readonly ImageVerification[]): Rule {
  return {
    ...rule,
    verifyImages: (rule.verifyImages ?? []).map((entry, i) => ({
      ...entry,
      ...(entry.attestations
        ? {
            attestations: entry.attestations.map((attestation, j) => {
              const conditions = original[i]?.attestations?.[j]?.conditions
              return conditions === undefined ? attestation : { ...attestation, conditions }
            }),
          }
        : {}),
      // The message is substituted with the rule, as in Kyverno, and again when it is needed: from the policy's own
      // text.
      ...(original[i]?.validate === undefined ? {} : { validate: original[i].validate }),
    })),
  }
}

/** Returns them unsubstituted if one of them fails, or is not a string afterwards. */
export async function reportProperties(
  { reportProperties: properties }: Rule,
  variables: Variables,
  operation: string,
): Promise<Rule['reportProperties']> {
  if (properties === undefined) return undefined
  const result = await answer(async () => ({
    filled: await variables.evaluate((context) => substitute(properties, context, { operation })),
  }))
  if ('failure' in result || !isJsonObject(result.filled)) return properties
  const texts = Object.entries(result.filled).map(([key, value]) => [key, value ?? ''] as const)
  return texts.every(isText) ? objectOf(texts) : properties
}

function isText(member: readonly [string, Json]): member is readonly [string, string] {
  return typeof member[1] === 'string'
}
