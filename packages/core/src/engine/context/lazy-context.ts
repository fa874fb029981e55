import type { EngineOptions, QueryContext } from '@verify-images/condition-engine'
import type { ContextEntry } from '@verify-images/policy-parser'
import { HeldPredicate, type Json, type JsonObject, type Predicate } from '@verify-images/primitives'
import { LIMITS } from '../../limits.ts'
import {
  type AttestedAnswer,
  type AttestedData,
  type AttestedWork,
  type Pass,
  performAttested,
  type Question,
} from './attested-work.ts'
import {
  EntryPending,
  type EntrySlot,
  type EntryValue,
  type UnknownRoles,
  viewOf,
  type VisibleVariables,
} from './variable-view.ts'

export type { EntryValue } from './variable-view.ts'

/** The variables of expressions. */
export interface Variables {
  /** Runs a synchronous evaluation over the variables and `locals`, loading the entries that it mentions. */
  evaluate<T>(work: (context: QueryContext) => T, locals?: JsonObject): Promise<T>
}

/** The variables of expressions over attested data. */
export interface AttestedVariables {
  /** Evaluates over the variables and attested data: here, or in a worker if a predicate is held as bytes. */
  ask(question: Question, data: AttestedData<Predicate>): Promise<AttestedAnswer>
}

/** Does work over predicates that are held as bytes. */
export type WorkAway = (work: AttestedWork<Predicate>) => Promise<Pass>

/** Loads one entry; never rejects. `earlier` has the built-in variables and the entries declared before this one. */
export type EntryLoader = (entry: ContextEntry, earlier: Variables) => Promise<EntryValue>

export interface LazyContextOptions {
  readonly unknownRoles?: UnknownRoles | undefined
  /** Without it a predicate that is held as bytes is an error. */
  readonly workAway?: WorkAway | undefined
  /** Called before each question about attested data: counts it, and lets the event loop turn. */
  readonly beforeAsking?: ((question: Question) => Promise<void>) | undefined
}

interface Slot extends EntrySlot {
  readonly entry: ContextEntry
  loading?: Promise<void>
}

/**
 * The variables of one rule: what is built in, and the rule's context entries, each loaded when the first expression
 * mentions it.
 *
 * Evaluation is synchronous and loading is not. An evaluation that needs an entry is aborted, the entry is loaded, and
 * the evaluation starts again. It is pure, and each entry is loaded once, so this ends.
 *
 * @see Kyverno, pkg/engine/context/deferred.go: what counts as a mention
 */
export class LazyContext implements Variables, AttestedVariables {
  readonly #slots: readonly Slot[]
  readonly #builtIn: JsonObject
  readonly #load: EntryLoader
  readonly #engine: EngineOptions
  readonly #unknownRoles: UnknownRoles | undefined
  readonly #workAway: WorkAway | undefined
  readonly #beforeAsking: LazyContextOptions['beforeAsking']
  #size = 0

  constructor(
    builtIn: JsonObject,
    entries: readonly ContextEntry[],
    load: EntryLoader,
    engine: EngineOptions,
    { unknownRoles, workAway, beforeAsking }: LazyContextOptions = {},
  ) {
    this.#builtIn = builtIn
    this.#slots = entries.map((entry) => ({ entry, name: entry.name, replaces: entry.variable !== undefined }))
    this.#load = load
    this.#engine = engine
    this.#unknownRoles = unknownRoles
    this.#workAway = workAway
    this.#beforeAsking = beforeAsking
  }

  async evaluate<T>(work: (context: QueryContext) => T, locals: JsonObject = {}): Promise<T> {
    return this.#evaluate(work, this.#visible(this.#slots, locals))
  }

  async ask(question: Question, data: AttestedData<Predicate>): Promise<AttestedAnswer> {
    await this.#beforeAsking?.(question)
    for (;;) {
      const pass = await this.#pass(question, data)
      for (const index of pass.failedOver) {
        const slot = this.#slots[index]
        if (slot !== undefined) slot.failedOver = true
      }
      if ('answer' in pass) return pass.answer
      await this.#loadEntry(pass.pending)
    }
  }

  async #pass(question: Question, data: AttestedData<Predicate>): Promise<Pass> {
    // Copies, because a pass that is given up must not leave anything behind.
    const slots = this.#slots.map(plainSlot)
    const work = { question, builtIn: this.#builtIn, slots, unknownRoles: this.#unknownRoles }
    const here = inMemory(data)
    if (here !== undefined) {
      if (this.#workAway === undefined) return performAttested({ ...work, data: here }, this.#engine)
      const pass = performAttested({ ...work, data: here }, { ...this.#engine, budget: { steps: LIMITS.stepsHere } })
      // Expressions that take more steps are evaluated in the worker, up to the full limit.
      if (!isBeyondLimit(pass)) return pass
    }
    if (this.#workAway === undefined) throw new TypeError('a predicate is held as bytes, and there is no worker')
    return this.#workAway({ ...work, slots: this.#slots.map(plainSlot), data })
  }

  async #evaluate<T>(work: (context: QueryContext) => T, visible: VisibleVariables): Promise<T> {
    for (;;) {
      try {
        return work(viewOf(visible, this.#engine))
      } catch (error) {
        if (!(error instanceof EntryPending)) throw error
        await this.#loadEntry(error.index)
      }
    }
  }

  #visible(slots: readonly Slot[], locals: JsonObject): VisibleVariables {
    return { builtIn: this.#builtIn, slots, locals, elsewhere: [], unknownRoles: this.#unknownRoles }
  }

  async #loadEntry(index: number): Promise<void> {
    // Images are verified concurrently: the second evaluation waits for the same entry.
    const slot = this.#slots[index]
    if (slot !== undefined) await (slot.loading ??= this.#fill(slot, index))
  }

  async #fill(slot: Slot, index: number): Promise<void> {
    // An entry sees those declared before it.
    const slots = this.#slots.slice(0, index)
    const loaded = await this.#load(slot.entry, {
      evaluate: (work, locals = {}) => this.#evaluate(work, this.#visible(slots, locals)),
    })
    const size = this.#size + ('value' in loaded ? JSON.stringify(loaded.value).length : 0)
    if (size > LIMITS.contextBytes) {
      slot.loaded = {
        failure:
          `context size limit exceeded: ${String(size)} bytes exceeds limit of ${String(LIMITS.contextBytes)} ` +
          `bytes`,
      }
      return
    }
    this.#size = size
    slot.loaded = loaded
  }
}

function isBeyondLimit(pass: Pass): boolean {
  return 'answer' in pass && pass.answer.kind === 'failed' && pass.answer.failure.code === 'CONDITION_LIMIT_EXCEEDED'
}

/** Returns the state of a slot as plain data; the cause of a failure is only for logs. */
function plainSlot({ name, replaces, loaded, failedOver = false }: Slot): EntrySlot {
  const plain = loaded !== undefined && 'failure' in loaded ? { failure: loaded.failure } : loaded
  return { name, replaces, failedOver, ...(plain === undefined ? {} : { loaded: plain }) }
}

/** Returns the data if none of its predicates is held as bytes. */
function inMemory({ own, named, ...rest }: AttestedData<Predicate>): AttestedData<Json> | undefined {
  if (own instanceof HeldPredicate) return undefined
  const parsed: (readonly [string, Json])[] = []
  for (const [name, predicate] of named) {
    if (predicate instanceof HeldPredicate) return undefined
    parsed.push([name, predicate])
  }
  return { ...rest, named: parsed, ...(own === undefined ? {} : { own }) }
}
