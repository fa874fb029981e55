import type { ConditionOptions } from '@verify-images/condition-engine'
import type { ImageVerification } from '@verify-images/policy-parser'
import { CheckError, type Json, type Predicate } from '@verify-images/primitives'
import type { Denial } from '../rule-finding.ts'
import { factsOf, rowOf } from './answer.ts'
import type { AttestedAnswer, AttestedData } from './attested-work.ts'
import type { AttestedVariables } from './lazy-context.ts'

/** Evaluates the `deny` of each entry in order, up to the first that denies or fails. */
export async function denies(
  entries: readonly ImageVerification[],
  variables: AttestedVariables,
  data: AttestedData<Predicate>,
  options: ConditionOptions,
): Promise<Denial | undefined> {
  for (const { validate } of entries) {
    if (validate?.deny === undefined) continue
    const { conditions } = validate.deny
    const answer = await ask(variables, conditions, data, options)
    if (answer.kind === 'failed')
      return { kind: 'conditions-failed', message: '', reason: answer.failure, isFinal: answer.isFinal }
    if (answer.kind === 'text') throw new TypeError('expected the answer of conditions, got a message')
    const { result } = answer
    if (!result.holds) continue
    const message = await denyMessage(validate.message, result.message, variables, data, options)
    const reason = {
      code: 'VERIFIER_DENIED' as const,
      message: message || 'the conditions of `validate.deny` hold',
      ...factsOf(result),
      ...rowOf(result),
    }
    return { kind: 'conditions-hold', message, reason }
  }
  return undefined
}

/** Asks `deny`. A limit that is exceeded meanwhile is a failure like any other: it is inconclusive. */
async function ask(
  variables: AttestedVariables,
  conditions: Json | undefined,
  data: AttestedData<Predicate>,
  options: ConditionOptions,
): Promise<AttestedAnswer> {
  try {
    return await variables.ask({ kind: 'conditions', conditions, options: { ...options, purpose: 'deny' } }, data)
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    return { kind: 'failed', failure: error.reason(), isFinal: false }
  }
}

async function denyMessage(
  own: string | undefined,
  ofCondition: string,
  variables: AttestedVariables,
  data: AttestedData<Predicate>,
  { operation }: ConditionOptions,
): Promise<string> {
  const template = [own, ofCondition].filter(Boolean).join('; ')
  if (template === '') return ''
  const answer = await variables.ask({ kind: 'text', template, operation }, data)
  return answer.kind === 'text' && typeof answer.text === 'string' ? answer.text : ofCondition
}
