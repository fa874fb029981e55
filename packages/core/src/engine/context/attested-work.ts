import {
  ConditionError,
  type ConditionOptions,
  type ConditionResult,
  type EngineOptions,
  evaluateAttestationConditions,
  evaluateConditions,
  type QueryContext,
  substitute,
} from '@verify-images/condition-engine'
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  ownMember,
  type Reason,
} from '@verify-images/primitives'
import { objectOf } from '../../request/copy-json.ts'
import { answerSync } from './answer.ts'
import { EntryPending, type EntrySlot, type UnknownRoles, viewOf } from './variable-view.ts'

/** Work over attested data. */
export type Question =
  | { readonly kind: 'attestation-conditions'; readonly conditions: Json; readonly options: ConditionOptions }
  | { readonly kind: 'conditions'; readonly conditions: Json | undefined; readonly options: ConditionOptions }
  | { readonly kind: 'text'; readonly template: string; readonly operation: string | undefined }

/** Attested data, with `P` for a predicate. */
export interface AttestedData<P> {
  /** The predicate whose members are visible by themselves. */
  readonly own?: P
  /** Predicates by the name of their attestation. */
  readonly named: readonly (readonly [string, P])[]
  /** Names that a member of the predicate must not take: those of the rule, and of attestations without a statement. */
  readonly names: readonly string[]
  readonly elsewhere: readonly string[]
  readonly locals: JsonObject
}

/**
 * One evaluation over attested data. It is plain data, because it is done in a worker where a predicate is too large to
 * be parsed in the main thread.
 */
export interface AttestedWork<P> {
  readonly question: Question
  readonly data: AttestedData<P>
  readonly builtIn: JsonObject
  readonly slots: readonly EntrySlot[]
  readonly unknownRoles: UnknownRoles | undefined
}

export type AttestedAnswer =
  | { readonly kind: 'conditions'; readonly result: ConditionResult }
  | { readonly kind: 'text'; readonly text: Json }
  /** `isFinal` if a variable is missing in attested data, so that asking again would give the same answer. */
  | { readonly kind: 'failed'; readonly failure: Reason; readonly isFinal: boolean }

/** The result of a pass: an answer, or the index of a context entry that has to be loaded first. */
export type Pass =
  | { readonly answer: AttestedAnswer; readonly failedOver: readonly number[] }
  | { readonly pending: number; readonly failedOver: readonly number[] }

/** Returns how many conditions a question has, whatever form they have. */
export function conditionsIn(question: Question): number {
  return question.kind === 'text' ? 0 : countConditions(question.conditions)
}

function countConditions(conditions: Json | undefined): number {
  if (isJsonArray(conditions)) return conditions.reduce<number>((sum, each) => sum + countConditions(each), 0)
  if (!isJsonObject(conditions)) return 0
  const lists = [ownMember(conditions, 'any'), ownMember(conditions, 'all')].filter(isJsonArray)
  return lists.length === 0 ? 1 : lists.reduce<number>((sum, list) => sum + list.length, 0)
}

/** Does the work in this thread. It changes nothing but `failedOver` of the slots. */
export function performAttested(
  { question, data, builtIn, slots, unknownRoles }: AttestedWork<Json>,
  engine: EngineOptions,
): Pass {
  const view = viewOf({ builtIn, slots, unknownRoles, ...visibleOf(data) }, engine)
  try {
    const others = new Set([...Object.keys(builtIn), ...slots.map(({ name }) => name), ...Object.keys(data.locals)])
    return { answer: ask(question, watchMissing(view, others)), failedOver: failedOver(slots) }
  } catch (error) {
    if (error instanceof EntryPending) return { pending: error.index, failedOver: failedOver(slots) }
    throw error
  }
}

function failedOver(slots: readonly EntrySlot[]): number[] {
  return slots.flatMap((slot, index) => (slot.failedOver === true ? [index] : []))
}

/**
 * Returns the visible data. A member of a predicate with a name of the rule is not: a condition that mentions it fails
 * (S16).
 */
function visibleOf({ own, named, names, elsewhere, locals }: AttestedData<Json>): {
  readonly locals: JsonObject
  readonly elsewhere: readonly string[]
} {
  const members = own !== undefined && isJsonObject(own) ? Object.entries(own) : []
  const taken = new Set(names)
  const disputed = members.map(([member]) => member).filter((member) => taken.has(member))
  const visible =
    own === undefined
      ? { ...locals, ...objectOf(named) }
      : {
          ...objectOf([...named, ...members.filter(([member]) => !taken.has(member))]),
          ...locals,
        }
  return { locals: visible, elsewhere: [...new Set([...elsewhere, ...disputed])] }
}

/** A context that notes whether attested data lack what a query asks for. */
interface WatchedContext extends QueryContext {
  readonly isMissing: () => boolean
}

/** @param others the names of everything that is not attested: a query that mentions one may fail for another reason */
function watchMissing(context: QueryContext, others: ReadonlySet<string>): WatchedContext {
  let missing = false
  return {
    query: (expression) => {
      try {
        return context.query(expression)
      } catch (error) {
        const names = expression.match(/[A-Za-z_]\w*/g) ?? []
        if (error instanceof ConditionError && error.kind === 'not-found' && !names.some((name) => others.has(name)))
          missing = true
        throw error
      }
    },
    isMissing: () => missing,
  }
}

function ask(question: Question, view: WatchedContext): AttestedAnswer {
  const failed = ({ failure }: { readonly failure: Reason }): AttestedAnswer => ({
    kind: 'failed',
    failure,
    isFinal: view.isMissing(),
  })
  if (question.kind === 'text') {
    const { template, operation } = question
    const text = answerSync(() => ({ text: substitute(template, view, operation === undefined ? {} : { operation }) }))
    return 'failure' in text ? failed(text) : { kind: 'text', ...text }
  }
  const { conditions, options } = question
  const result = answerSync(() => ({
    result:
      question.kind === 'conditions'
        ? evaluateConditions(conditions, view, options)
        : evaluateAttestationConditions(conditions, view, options),
  }))
  return 'failure' in result ? failed(result) : { kind: 'conditions', ...result }
}
