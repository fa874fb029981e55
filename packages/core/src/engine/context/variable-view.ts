import {
  ConditionError,
  createQueryContext,
  type EngineOptions,
  type QueryContext,
} from '@verify-images/condition-engine'
import { type DifferenceRow, isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { objectOf } from '../../request/copy-json.ts'

/** A loaded context entry. A failure fails every query that mentions the entry. */
export type EntryValue = { readonly value: Json } | { readonly failure: string; readonly cause?: unknown }

/** A context entry of a rule, and what is known of it so far. */
export interface EntrySlot {
  readonly name: string
  /** A variable replaces what has its name; data from outside is merged into it. */
  readonly replaces: boolean
  loaded?: EntryValue
  /** Whether its failure has failed an expression. */
  failedOver?: boolean
}

/**
 * Unknown roles of the requester: an expression that mentions them fails, so that no default replaces them.
 */
export interface UnknownRoles {
  readonly message: string
  readonly difference: DifferenceRow
}

/** Returns whether an expression mentions the roles of the requester. */
export function mentionsRoles(expression: string): boolean {
  return /\brequest\b/.test(expression) && /\b(?:r|clusterR)oles\b/.test(expression)
}

/** What is visible to one evaluation. */
export interface VisibleVariables {
  readonly builtIn: JsonObject
  readonly slots: readonly EntrySlot[]
  readonly locals: JsonObject
  /**
   * Names that have a meaning in Kyverno but not here: an expression that mentions one fails, so that no default
   * replaces it.
   */
  readonly elsewhere: readonly string[]
  readonly unknownRoles?: UnknownRoles | undefined
}

/** Aborts a synchronous evaluation that needs an entry which is not loaded yet. */
export class EntryPending extends Error {
  readonly index: number

  constructor(index: number) {
    super('context entry is not loaded')
    this.index = index
  }
}

/** Thrown when an expression mentions something that it cannot have. Nothing replaces it, not even `||`. */
class MentionFailure extends ConditionError {
  /** The row of docs/differences.md, if Kyverno would continue. */
  readonly row: DifferenceRow | undefined

  constructor(message: string, difference: DifferenceRow | undefined, cause?: unknown) {
    super('CONDITION_VARIABLE_UNRESOLVED', 'value', message, { cause })
    this.row = difference
  }
}

/** Returns the row of docs/differences.md by which an expression failed, if it fails only here. */
export function differenceOfError(error: unknown): DifferenceRow | undefined {
  if (error instanceof MentionFailure) return error.row
  return error instanceof Error ? differenceOfError(error.cause) : undefined
}

/**
 * Creates the context of one pass of one evaluation. Nothing is loaded during a pass, so the variables stay the same.
 *
 * A query throws {@link EntryPending} for an entry that has to be loaded first.
 */
export function viewOf(
  { builtIn, slots, locals, elsewhere, unknownRoles }: VisibleVariables,
  engine: EngineOptions,
): QueryContext {
  let variables: QueryContext | undefined
  return {
    query: (expression) => {
      if (unknownRoles !== undefined && mentionsRoles(expression))
        throw new MentionFailure(unknownRoles.message, unknownRoles.difference)
      const foreign = elsewhere.find((name) => triggerOf(name).test(expression))
      if (foreign !== undefined)
        throw new MentionFailure(`\`${foreign}\` has no value here: it belongs to another place of the rule`, 'S16')
      for (const [index, slot] of slots.entries()) {
        if (!triggerOf(slot.name).test(expression)) continue
        if (slot.loaded === undefined) throw new EntryPending(index)
        if ('failure' in slot.loaded) throw failingOver(slot, slot.loaded)
      }
      variables ??= createQueryContext(variablesOf(builtIn, slots, locals), engine)
      return variables.query(expression)
    },
  }
}

function variablesOf(builtIn: JsonObject, slots: readonly EntrySlot[], locals: JsonObject): JsonObject {
  const variables = new Map<string, Json>(Object.entries(builtIn))
  for (const { name, replaces, loaded } of slots) {
    if (loaded === undefined || 'failure' in loaded) continue
    const present = variables.get(name)
    variables.set(name, replaces || present === undefined ? loaded.value : merge(present, loaded.value))
  }
  for (const [name, value] of Object.entries(locals)) variables.set(name, value)
  return objectOf(variables)
}

/** In Kyverno, an entry that failed an expression is an unknown key from then on, and `||` may replace it. */
function failingOver(
  slot: EntrySlot,
  { failure, cause }: Extract<EntryValue, { readonly failure: string }>,
): MentionFailure {
  const row = slot.failedOver === true ? 'ctx-failure-stays' : undefined
  slot.failedOver = true
  return new MentionFailure(failure, row, cause)
}

const triggers = new Map<string, RegExp>()
/** Names are chosen by policies, of which there are few. */
const MAX_TRIGGERS = 10_000

/** Matches an expression that mentions a name, as in Kyverno: not preceded by a dot, a digit or a letter. */
function triggerOf(name: string): RegExp {
  const known = triggers.get(name)
  if (known !== undefined) return known
  const trigger = new RegExp(`(?:^|[^.0-9A-Za-z])${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}\\b`)
  if (triggers.size >= MAX_TRIGGERS) triggers.clear()
  triggers.set(name, trigger)
  return trigger
}

function merge(into: Json, value: Json): Json {
  if (!isJsonObject(into) || !isJsonObject(value)) return value
  const merged = new Map<string, Json>(Object.entries(into))
  for (const [key, item] of Object.entries(value)) {
    const present = merged.get(key)
    merged.set(key, present === undefined ? item : merge(present, item))
  }
  return objectOf(merged)
}
