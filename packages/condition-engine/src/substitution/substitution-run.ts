import { LIMITS } from '../limits.ts'
import { aString, type OptionTable } from '@verify-images/primitives'
import { checkContext, checkOptions } from '../check-arguments.ts'
import { ConditionError } from '../condition-error.ts'
import type { Comparison, ConditionDifference } from '../conditions/condition-result.ts'
import {
  aPurpose,
  aCompatibility,
  type ConditionPurpose,
  type ConditionCompatibility,
} from '../operators/evaluate-operator.ts'
import type { QueryContext } from '../query-context.ts'

export interface SubstitutionOptions {
  /** The operation of the request. Default: `request.operation` of the context. `DELETE` reads the old object. */
  readonly operation?: string | undefined
  readonly compatibility?: ConditionCompatibility | undefined
}

/** Options of an evaluation of conditions. */
interface RunOptions extends SubstitutionOptions {
  readonly purpose?: ConditionPurpose | undefined
}

const RUN_OPTIONS: OptionTable<RunOptions> = { operation: aString, compatibility: aCompatibility, purpose: aPurpose }

/** Counts what one substitution, or one evaluation of conditions, resolves and writes, and stops it at its limits. */
export class SubstitutionWork {
  #variables = 0
  #length = 0

  /** @throws ConditionError CONDITION_LIMIT_EXCEEDED */
  resolveVariable(): void {
    if (++this.#variables > LIMITS.substitutions) throw exceeded(`${LIMITS.substitutions} variables`)
  }

  /** @throws ConditionError CONDITION_LIMIT_EXCEEDED */
  write(length: number): void {
    this.#length += length
    if (this.#length > LIMITS.outputLength) throw exceeded(`${LIMITS.outputLength} characters of output`)
  }
}

function exceeded(limit: string): ConditionError {
  return new ConditionError('CONDITION_LIMIT_EXCEEDED', 'limit', `substitution: expected at most ${limit}`)
}

/** The state of one substitution, or one evaluation of conditions: its context, options and remaining budget. */
export class SubstitutionRun {
  readonly context: QueryContext
  readonly compatibility: ConditionCompatibility
  readonly purpose: ConditionPurpose
  /** Set if a strict answer differs from Kyverno's. */
  difference: ConditionDifference | undefined
  /** The last comparison that decided against the object. */
  decisive: Comparison | undefined
  readonly work: SubstitutionWork = new SubstitutionWork()
  #operation: string | undefined

  /** @throws ConditionError CONDITION_OPTIONS_INVALID */
  constructor(context: QueryContext, options: RunOptions) {
    checkContext(context)
    checkOptions(options, RUN_OPTIONS)
    this.context = context
    this.compatibility = options.compatibility ?? 'strict'
    this.purpose = options.purpose ?? 'allow'
    this.#operation = options.operation
  }

  isDelete(): boolean {
    this.#operation ??= textOrEmpty(this.context, 'request.operation')
    return this.#operation === 'DELETE'
  }

  /** Returns the path that `{{ @ }}` is relative to. */
  root(): string {
    return isKnown(this.context, 'target') ? 'target' : 'request.object'
  }
}

function textOrEmpty(context: QueryContext, expression: string): string {
  try {
    const value = context.query(expression)
    return typeof value === 'string' ? value : ''
  } catch (error) {
    if (error instanceof ConditionError) return ''
    throw error
  }
}

function isKnown(context: QueryContext, expression: string): boolean {
  try {
    context.query(expression)
    return true
  } catch (error) {
    if (error instanceof ConditionError) return false
    throw error
  }
}
