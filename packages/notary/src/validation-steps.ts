import { CheckError } from '@verify-images/primitives'
import type { NotaryValidation } from './evidence.ts'
import type { TrustPolicyStatement } from './trust/statement.ts'
import type { Check } from './trust/verification-level.ts'

/** Runs validations with the actions of a statement, and records the failures that are only logged. */
export class ValidationSteps {
  readonly validations: NotaryValidation[] = []
  readonly #statement: TrustPolicyStatement

  constructor(statement: TrustPolicyStatement) {
    this.#statement = statement
  }

  run<T>(check: Check, validate: () => T): T | undefined {
    const action = this.#statement.enforcement[check]
    try {
      const result = action === 'skip' ? undefined : validate()
      this.validations.push({ check, action })
      return result
    } catch (error) {
      return this.#fail(check, error)
    }
  }

  async runAsync<T>(check: Check, validate: () => Promise<T>): Promise<T | undefined> {
    const action = this.#statement.enforcement[check]
    try {
      const result = action === 'skip' ? undefined : await validate()
      this.validations.push({ check, action })
      return result
    } catch (error) {
      return this.#fail(check, error)
    }
  }

  #fail(check: Check, error: unknown): undefined {
    const action = this.#statement.enforcement[check]
    // Only a failed check can be logged, never a bug, and not the end of the evaluation.
    if (action !== 'log' || !(error instanceof CheckError) || error.code === 'ATTESTOR_BUDGET_EXCEEDED') throw error
    this.validations.push({ check, action, failure: error.reason() })
    return undefined
  }
}
