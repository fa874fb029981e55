import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'

/** Counts what one substitution, or one evaluation of conditions, resolves and writes, and stops it at its limits. */
export class SubstitutionWork {
  #variables = 0
  #length = 0

  /** @throws ConditionError CONDITION_LIMIT_EXCEEDED */
  resolveVariable(): void {
    if (++this.#variables > LIMITS.substitutions) throw exceeded(`resolves more than ${LIMITS.substitutions} variables`)
  }

  /** @throws ConditionError CONDITION_LIMIT_EXCEEDED */
  write(length: number): void {
    this.#length += length
    if (this.#length > LIMITS.outputLength) throw exceeded(`writes more than ${LIMITS.outputLength} characters`)
  }
}

function exceeded(what: string): ConditionError {
  return new ConditionError('CONDITION_LIMIT_EXCEEDED', 'limit', `the substitution ${what}`)
}
