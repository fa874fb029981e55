import type { Reason, Statement, StatementJudge, Verified } from '@verify-images/attestor-evaluator'
import type { ConditionOptions } from '@verify-images/condition-engine'
import type { AnyAllConditions, Condition, Rule } from '@verify-images/policy-parser'
import type { Json, JsonObject, Predicate } from '@verify-images/primitives'
import { objectOf } from '../../request/copy-json.ts'
import { factsOf, rowOf } from './answer.ts'
import { RESERVED_VARIABLES } from './built-in-variables.ts'
import type { AttestedVariables } from './lazy-context.ts'

/** Names that conditions of a rule may mention, and that attested data must not take. */
export interface RuleNames {
  /** Names that attested data must not take: they mean something else. */
  readonly taken: ReadonlySet<string>
  readonly attestations: ReadonlySet<string>
}

export function namesOf({ verifyImages = [], context = [] }: Rule): RuleNames {
  const attestations = verifyImages.flatMap(({ attestations: named = [] }) => named.flatMap(({ name }) => name || []))
  return {
    taken: new Set([...RESERVED_VARIABLES, ...context.map(({ name }) => name)]),
    attestations: new Set(attestations),
  }
}

/**
 * Creates the judge of statements. Conditions over a statement see its members and, under the names of their
 * attestations, the predicates that were verified before. In Kyverno a member replaces what has its name, and named
 * predicates stay visible for the rest of the rule, also for other images. Where that would matter, the condition fails
 * instead (S16).
 */
export function judgeOf(
  variables: AttestedVariables,
  locals: JsonObject,
  { taken, attestations }: RuleNames,
  options: ConditionOptions,
): StatementJudge {
  const names = [...taken, ...attestations]
  return async ({ name = '', conditions = [] }, { predicate }, named) => {
    if (taken.has(name)) return { failure: nameTaken(name) }
    if (conditions.length === 0) return { holds: true }
    const answer = await variables.ask(
      { kind: 'attestation-conditions', conditions: conditions.map(conditionsJson), options },
      {
        own: predicate,
        named: predicatesOf(named),
        names,
        elsewhere: [...attestations].filter((each) => !named.has(each)),
        locals,
      },
    )
    if (answer.kind === 'failed')
      return { failure: { message: answer.failure.message, reason: answer.failure, isFinal: answer.isFinal } }
    if (answer.kind === 'text') throw new TypeError('expected the answer of conditions, got a message')
    const { result } = answer
    return result.holds
      ? { holds: true }
      : { holds: false, message: result.message, ...factsOf(result), ...rowOf(result) }
  }
}

/** Returns the predicates of statements, by the name of their attestation. */
export function predicatesOf(
  named: ReadonlyMap<string, Verified<Statement>>,
): readonly (readonly [string, Predicate])[] {
  return [...named].map(([name, { predicate }]) => [name, predicate])
}

/** Returns the failure for a name under which attested data would replace the request or a context entry. */
function nameTaken(name: string): { readonly message: string; readonly reason: Reason } {
  const message = `the name \`${name}\` of the attestation is taken: it means something else in this rule`
  return { message, reason: { code: 'ATTESTOR_POLICY_INVALID', message, difference: 'S16' } }
}

/** Returns conditions as they are written in a policy. */
export function conditionsJson({ any, all }: AnyAllConditions): JsonObject {
  return present({ any: any?.map(conditionJson), all: all?.map(conditionJson) })
}

function conditionJson({ key, operator, value, message }: Condition): JsonObject {
  return present({ key, operator, value, message })
}

function present(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return objectOf(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  )
}
