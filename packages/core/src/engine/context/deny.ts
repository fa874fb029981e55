import { evaluateConditions, substitute, type ConditionOptions } from '@verify-images/condition-engine'
import type { ImageVerification } from '@verify-images/policy-parser'
import type { JsonObject } from '@verify-images/primitives'
import type { Denial } from '../rule-finding.ts'
import { answer, rowOf } from './answer.ts'
import type { Variables } from './lazy-context.ts'

/** Evaluates the `deny` of each entry in order, up to the first that denies or fails. */
export async function denies(
  entries: readonly ImageVerification[],
  variables: Variables,
  locals: JsonObject,
  options: ConditionOptions,
): Promise<Denial | undefined> {
  for (const { validate } of entries) {
    if (validate?.deny === undefined) continue
    const { conditions } = validate.deny
    const held = await answer(() =>
      variables.evaluate((context) => evaluateConditions(conditions, context, { ...options, purpose: 'deny' }), locals),
    )
    if ('failure' in held) return { kind: 'conditions-failed', message: '', reason: held.failure }
    if (!held.holds) continue
    const message = await denyMessage(validate.message, held.message, variables, locals, options)
    const reason = {
      code: 'VERIFIER_DENIED' as const,
      message: message || 'the conditions of `validate.deny` hold',
      ...rowOf(held),
    }
    return { kind: 'conditions-hold', message, reason }
  }
  return undefined
}

async function denyMessage(
  own: string | undefined,
  ofCondition: string,
  variables: Variables,
  locals: JsonObject,
  { operation }: ConditionOptions,
): Promise<string> {
  const template = [own, ofCondition].filter(Boolean).join('; ')
  if (template === '') return ''
  const filled = await answer(() =>
    variables.evaluate(
      (context) => substitute(template, context, operation === undefined ? {} : { operation }),
      locals,
    ),
  )
  return typeof filled === 'string' ? filled : ofCondition
}
