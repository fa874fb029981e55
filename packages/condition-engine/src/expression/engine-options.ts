import { aBoolean, aFunction, anObject, aText, withMethods, type OptionTable } from '@verify-images/primitives'
import type { ExpressionCache } from './expression-cache.ts'

/** What expressions may ask for. Nothing here is read from the environment: what is absent cannot be asked for. */
export interface EngineOptions {
  /** The clock of `time_now`, `time_now_utc` and `time_since`. Without it they fail. */
  readonly now?: (() => Date) | undefined
  /** The registry of image names without one, in `image_normalize`; default `docker.io`. */
  readonly defaultRegistry?: string | undefined
  /** Whether {@link defaultRegistry} is written into such names; default true. */
  readonly enableDefaultRegistryMutation?: boolean | undefined
  /** Lower bounds than the built-in ones, for one evaluation. */
  readonly budget?: EvaluationBudget | undefined
  /** A source of numbers in [0, 1) for `random`. Without it, `random` works only where the pattern leaves no choice. */
  readonly random?: (() => number) | undefined
  /**
   * The addresses of a host name, for `is_external_url`. Without it only addresses can be judged and a name is an error.
   * Throw where the name does not resolve.
   */
  readonly resolveHost?: ((host: string) => readonly string[]) | undefined
  /** Keeps compiled expressions; share one between the contexts of a process. Without it each context has its own. */
  readonly expressions?: ExpressionCache | undefined
}

export const ENGINE_OPTIONS: OptionTable<EngineOptions> = {
  now: aFunction,
  defaultRegistry: aText,
  enableDefaultRegistryMutation: aBoolean,
  budget: anObject,
  random: aFunction,
  resolveHost: aFunction,
  expressions: withMethods('a cache of expressions', 'get'),
}

/** What one evaluation may use up. A number above the built-in bound counts as that bound. */
export interface EvaluationBudget {
  readonly steps?: number | undefined
  readonly producedLength?: number | undefined
}
