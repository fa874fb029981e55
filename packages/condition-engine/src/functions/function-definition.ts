import type { ConditionError, ConditionErrorKind } from '../condition-error.ts'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { isArray } from '../expression/value.ts'
import type { Value } from '../expression/value.ts'
import { formatGoValue } from './go-format.ts'
import type { Parameter } from './parameter.ts'

/** A function of the dialect. `call` checks its arguments first. */
export interface FunctionDefinition {
  readonly name: string
  readonly call: (args: readonly Value[], evaluation: Evaluation) => Value
}

type Arguments<Parameters extends readonly Parameter<Value>[]> = {
  readonly [Index in keyof Parameters]: Parameters[Index] extends Parameter<infer T> ? T : never
}

/** Elements or characters that are checked per step. */
const CHECKED_PER_STEP = 32

/**
 * Defines a function with a fixed number of arguments, whose types are checked before the handler is called.
 */
export function define<const Parameters extends readonly Parameter<Value>[]>(
  name: string,
  parameters: Parameters,
  handler: (args: Arguments<Parameters>, evaluation: Evaluation) => Value,
): FunctionDefinition {
  return {
    name,
    call: (args, evaluation) => {
      if (args.length !== parameters.length) throw evaluationError('arity', 'incorrect number of args')
      chargeArguments(args, evaluation)
      if (!areAccepted(args, parameters)) throw wrongType(args, parameters)
      return handler(args, evaluation)
    },
  }
}

/** Defines a function with one or more arguments of any type. */
export function defineVariadic(
  name: string,
  handler: (args: readonly Value[], evaluation: Evaluation) => Value,
): FunctionDefinition {
  return {
    name,
    call: (args, evaluation) => {
      if (args.length === 0) throw evaluationError('arity', 'Invalid arity.')
      chargeArguments(args, evaluation)
      return handler(args, evaluation)
    },
  }
}

/** Defines a function that ignores its arguments. */
export function defineUnchecked(name: string, handler: (evaluation: Evaluation) => Value): FunctionDefinition {
  return { name, call: (_args, evaluation) => handler(evaluation) }
}

function chargeArguments(args: readonly Value[], evaluation: Evaluation): void {
  let size = CHECKED_PER_STEP
  for (const arg of args) if (typeof arg === 'string' || isArray(arg)) size += arg.length
  evaluation.meter.charge(size / CHECKED_PER_STEP)
}

function areAccepted<Parameters extends readonly Parameter<Value>[]>(
  args: readonly Value[],
  parameters: Parameters,
): args is Arguments<Parameters> & readonly Value[] {
  return parameters.every((parameter, index) => parameter.accepts(args[index] ?? null))
}

function wrongType(args: readonly Value[], parameters: readonly Parameter<Value>[]): Error {
  const index = parameters.findIndex((parameter, at) => !parameter.accepts(args[at] ?? null))
  const expected = parameters[index]?.types.map((type) => `"${type}"`).join(', ') ?? ''
  return evaluationError(
    'type',
    `Invalid type for: ${formatGoValue(args[index] ?? null)}, expected: []jmespath.JpType{${expected}}`,
  )
}

/** Creates an error of one of Kyverno's functions, with the prefix they share. */
export function functionError(name: string, kind: ConditionErrorKind, message: string): ConditionError {
  return evaluationError(kind, `JMESPath function '${name}': ${message}`)
}
