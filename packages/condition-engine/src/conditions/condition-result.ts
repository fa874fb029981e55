import { type Json, printableText } from '@verify-images/primitives'
import type { ConditionPurpose } from '../operators/evaluate-operator.ts'
import { isGoArray, isGoObject, type GoValue } from '../values/go-value.ts'

export interface ConditionResult {
  readonly holds: boolean
  /** The messages of the conditions that held, or of those that did not; '' if there are none. */
  readonly message: string
  /**
   * Set if Kyverno's answer may differ, because it treats data as a pattern or admits values that it cannot compare.
   */
  readonly difference?: ConditionDifference
  /**
   * The condition that decided against the object: the last one that did not hold, or under `purpose: 'deny'` that
   * held.
   */
  readonly decisive?: DecisiveCondition
}

/** A condition and what it was compared with, as text: bounded, in one line. */
export interface DecisiveCondition {
  /** As the policy has it. */
  readonly key: string
  readonly operator: string
  /** The value that the policy compares with, its variables resolved. */
  readonly value: string
  /** What the key resolved to. */
  readonly found: string
}

/** Why a strict comparison may differ from Kyverno's. */
export type ConditionDifference = 'pattern' | 'uncomparable'

/** Returns the result of a run. A difference counts only if the strict answer decided. */
export function resultOf(result: ConditionResult, { difference, decisive, purpose }: Run): ConditionResult {
  const isAgainst = result.holds === (purpose === 'deny')
  return {
    ...result,
    ...(difference === undefined || result.holds === (purpose === 'allow') ? {} : { difference }),
    ...(isAgainst && decisive !== undefined ? { decisive: describe(decisive) } : {}),
  }
}

interface Run {
  readonly difference?: ConditionDifference | undefined
  readonly decisive?: Comparison | undefined
  readonly purpose: ConditionPurpose
}

/** The two sides of a condition when it was compared. */
export interface Comparison {
  readonly key: Json
  readonly operator: string
  readonly value: GoValue
  readonly found: GoValue
}

/** Longest text of a value in a message, in characters. */
const MAX_SHOWN = 200
/** A longer array or a larger object is shown by its size. */
const MAX_SHOWN_MEMBERS = 10
const MAX_SHOWN_DEPTH = 2

function describe({ key, operator, value, found }: Comparison): DecisiveCondition {
  return {
    key: printableText(typeof key === 'string' ? key : JSON.stringify(key), MAX_SHOWN),
    operator,
    value: shown(value),
    found: shown(found),
  }
}

function shown(value: GoValue): string {
  return printableText(summaryOf(value, MAX_SHOWN_DEPTH), MAX_SHOWN)
}

/** Returns the JSON of a small value and the size of a large one: attested data has any size. */
function summaryOf(value: GoValue, depthLeft: number): string {
  if (isGoArray(value)) {
    if (depthLeft === 0 || value.length > MAX_SHOWN_MEMBERS) return `<array of ${String(value.length)}>`
    return `[${value.map((item) => summaryOf(item, depthLeft - 1)).join(',')}]`
  }
  if (isGoObject(value)) {
    const members = Object.entries(value)
    if (depthLeft === 0 || members.length > MAX_SHOWN_MEMBERS) return `<object of ${String(members.length)}>`
    const fields = members.map(([name, member]) => `${JSON.stringify(name)}:${summaryOf(member, depthLeft - 1)}`)
    return `{${fields.join(',')}}`
  }
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}

/** Joins the messages that are not empty. */
export function joinMessages(messages: readonly string[], separator: string): string {
  return messages.filter((message) => message !== '').join(separator)
}
