import { aBoolean, aFunction, anObject, aString, withMethods, type OptionTable } from '@verify-images/primitives'
import type { ExpressionCache } from './expression-cache.ts'

/** Options for evaluating expressions. Nothing is read from the environment: functions whose option is absent fail. */
export interface EngineOptions {
  /** The clock for `time_now`, `time_now_utc` and `time_since`, which fail without it. */
  readonly now?: (() => Date) | undefined
  /** The registry that `image_normalize` uses for references without one. Default: `docker.io`. */
  readonly defaultRegistry?: string | undefined
  /** Whether {@link defaultRegistry} is written into such references. Default: true. */
  readonly enableDefaultRegistryMutation?: boolean | undefined
  /** Lower limits than the built-in ones, for one evaluation. */
  readonly budget?: ExpressionBudget | undefined
  /** Returns numbers in [0, 1) for `random`, which without it works only for patterns that leave no choice. */
  readonly random?: (() => number) | undefined
  /**
   * Resolves a host name to its addresses, for `is_external_url`, which without it accepts only addresses.
   * Throw if the name does not resolve.
   */
  readonly resolveHost?: ((host: string) => readonly string[]) | undefined
  /** Cache of compiled expressions, to be shared between contexts. Default: one per context. */
  readonly expressions?: ExpressionCache | undefined
}

export const ENGINE_OPTIONS: OptionTable<EngineOptions> = {
  now: aFunction,
  defaultRegistry: aString,
  enableDefaultRegistryMutation: aBoolean,
  budget: anObject,
  random: aFunction,
  resolveHost: aFunction,
  expressions: withMethods('an expression cache', 'get'),
}

/** The budget of one evaluation. A number above the built-in limit counts as that limit. */
export interface ExpressionBudget {
  readonly steps?: number | undefined
  readonly producedLength?: number | undefined
}
