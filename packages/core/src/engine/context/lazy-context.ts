import type { DifferenceRow } from '@verify-images/primitives'
import {
  ConditionError,
  createQueryContext,
  type EngineOptions,
  type QueryContext,
} from '@verify-images/condition-engine'
import type { ContextEntry } from '@verify-images/policy-parser'
import { isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'
import { objectOf } from '../../request/copy-json.ts'
import { LIMITS } from '../../limits.ts'

/** A loaded context entry. A failure fails every query that mentions the entry. */
export type EntryValue = { readonly value: Json } | { readonly failure: string; readonly cause?: unknown }

/** The variables of expressions. */
export interface Variables {
  /**
   * Runs a synchronous evaluation over the variables and `locals`, loading the entries that it mentions. `elsewhere` are names
   * that have a meaning in Kyverno but not here: an expression that mentions one fails, so that no default replaces it.
   */
  evaluate<T>(work: (context: QueryContext) => T, locals?: JsonObject, elsewhere?: readonly string[]): Promise<T>
}

/** Loads one entry; never rejects. `earlier` has the built-in variables and the entries declared before this one. */
export type EntryLoader = (entry: ContextEntry, earlier: Variables) => Promise<EntryValue>

/** Aborts a synchronous evaluation that needs an entry which is not loaded yet; never leaves this file. */
class EntryPending extends Error {
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

/** What is visible to one evaluation. */
interface Scope {
  readonly locals: JsonObject
  readonly visible: readonly Slot[]
  readonly elsewhere: readonly { readonly name: string; readonly trigger: RegExp }[]
}

/** What a variable would hold that is unknown: an expression that mentions it fails, so that no default replaces it. */
export interface UnknownVariable {
  readonly isMentioned: (expression: string) => boolean
  readonly message: string
  readonly difference: DifferenceRow
}

interface Slot {
  readonly entry: ContextEntry
  readonly trigger: RegExp
  failedOver?: true
  loading?: Promise<void>
  loaded?: EntryValue
}

/**
 * The variables of one rule: what is built in, and the rule's context entries, each loaded when the first expression
 * mentions it.
 *
 * Evaluation is synchronous and loading is not. An evaluation that needs an entry is aborted, the entry is loaded, and the
 * evaluation starts again. It is pure, and each entry is loaded once, so this ends.
 *
 * @see Kyverno, pkg/engine/context/deferred.go: what counts as a mention
 */
export class LazyContext implements Variables {
  readonly #slots: readonly Slot[]
  readonly #builtIn: JsonObject
  readonly #load: EntryLoader
  readonly #engine: EngineOptions
  readonly #unknown: UnknownVariable | undefined
  #size = 0

  constructor(
    builtIn: JsonObject,
    entries: readonly ContextEntry[],
    load: EntryLoader,
    engine: EngineOptions,
    unknown?: UnknownVariable,
  ) {
    this.#builtIn = builtIn
    this.#unknown = unknown
    this.#slots = entries.map((entry) => ({ entry, trigger: triggerOf(entry.name) }))
    this.#load = load
    this.#engine = engine
  }

  async evaluate<T>(
    work: (context: QueryContext) => T,
    locals: JsonObject = {},
    elsewhere: readonly string[] = [],
  ): Promise<T> {
    return this.#evaluate(work, {
      locals,
      visible: this.#slots,
      elsewhere: elsewhere.map((name) => ({ name, trigger: triggerOf(name) })),
    })
  }

  async #evaluate<T>(work: (context: QueryContext) => T, scope: Scope): Promise<T> {
    for (;;) {
      try {
        return work(this.#view(scope))
      } catch (error) {
        if (!(error instanceof EntryPending)) throw error
        // Images are verified concurrently: the second evaluation waits for the same entry.
        const slot = this.#slots[error.index]
        if (slot !== undefined) await (slot.loading ??= this.#fill(slot, error.index))
      }
    }
  }

  async #fill(slot: Slot, index: number): Promise<void> {
    // An entry sees those declared before it.
    const visible = this.#slots.slice(0, index)
    const loaded = await this.#load(slot.entry, {
      evaluate: (work, locals = {}) => this.#evaluate(work, { locals, visible, elsewhere: [] }),
    })
    const size = this.#size + ('value' in loaded ? JSON.stringify(loaded.value).length : 0)
    if (size > LIMITS.contextBytes) {
      slot.loaded = {
        failure: `context size limit exceeded: ${String(size)} bytes exceeds limit of ${String(LIMITS.contextBytes)} bytes`,
      }
      return
    }
    this.#size = size
    slot.loaded = loaded
  }

  /** One pass of one evaluation. Nothing is loaded during a pass, so the variables stay the same. */
  #view({ locals, visible, elsewhere }: Scope): QueryContext {
    let variables: QueryContext | undefined
    return {
      query: (expression) => {
        if (this.#unknown?.isMentioned(expression) === true)
          throw new MentionFailure(this.#unknown.message, this.#unknown.difference)
        const foreign = elsewhere.find(({ trigger }) => trigger.test(expression))
        if (foreign !== undefined)
          throw new MentionFailure(
            `\`${foreign.name}\` has no value here: it belongs to another place of the rule`,
            'S16',
          )
        for (const [index, slot] of visible.entries()) {
          if (!slot.trigger.test(expression)) continue
          if (slot.loaded === undefined) throw new EntryPending(index)
          if ('failure' in slot.loaded) throw failingOver(slot, slot.loaded)
        }
        variables ??= createQueryContext(this.#variables(locals, visible), this.#engine)
        return variables.query(expression)
      },
    }
  }

  #variables(locals: JsonObject, visible: readonly Slot[]): JsonObject {
    const variables = new Map<string, Json>(Object.entries(this.#builtIn))
    for (const { entry, loaded } of visible) {
      if (loaded === undefined || 'failure' in loaded) continue
      const present = variables.get(entry.name)
      // A variable replaces what has its name; data from outside is merged into it.
      variables.set(
        entry.name,
        entry.variable !== undefined || present === undefined ? loaded.value : merge(present, loaded.value),
      )
    }
    for (const [name, value] of Object.entries(locals)) variables.set(name, value)
    return objectOf(variables)
  }
}

/** In Kyverno, an entry that failed an expression is an unknown key from then on, and `||` may replace it. */
function failingOver(
  slot: Slot,
  { failure, cause }: Extract<EntryValue, { readonly failure: string }>,
): MentionFailure {
  const row = slot.failedOver === true ? 'ctx-failure-stays' : undefined
  slot.failedOver = true
  return new MentionFailure(failure, row, cause)
}

/** Matches an expression that mentions an entry, as in Kyverno: its name, not preceded by a dot, a digit or a letter. */
function triggerOf(name: string): RegExp {
  return new RegExp(`(?:^|[^.0-9A-Za-z])${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}\\b`)
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
