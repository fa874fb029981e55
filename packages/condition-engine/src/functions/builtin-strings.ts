import { formatGoFloat, type Json, parseGoFloat } from '@verify-images/primitives'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { toJson } from '../expression/to-json.ts'
import { Opaque } from '../expression/value.ts'
import type { Value } from '../expression/value.ts'
import { goJson } from '../values/go-json.ts'
import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { anything, string, strings } from './parameter.ts'

/** JMESPath's own functions of strings. */
export const BUILTIN_STRINGS: readonly FunctionDefinition[] = [
  define('starts_with', [string, string], ([subject, prefix]) => subject.startsWith(prefix)),
  define('ends_with', [string, string], ([subject, suffix]) => subject.endsWith(suffix)),
  define('join', [string, strings], ([separator, parts], { meter }) => {
    meter.produce(
      parts.reduce((length, part) => length + part.length, separator.length * Math.max(0, parts.length - 1)),
    )
    return parts.join(separator)
  }),
  define('to_string', [anything], ([value], evaluation) => toString(value, evaluation)),
  define('to_number', [anything], ([value]) => toNumber(value)),
]

/** Encodes a value as JSON; a string is returned unchanged. */
function toString(value: Value, { meter }: Evaluation): string {
  if (typeof value === 'string') return value
  const plain = toJson(value, meter)
  const unsupported = nonFinite(plain)
  if (unsupported !== undefined)
    throw evaluationError('value', `json: unsupported value: ${formatGoFloat(unsupported)}`)
  const json = goJson(plain)
  meter.produce(json.length)
  meter.charge(json.length >> 2)
  return json
}

/** Returns the first number in a value that JSON cannot express. */
function nonFinite(value: Json): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : value
  if (typeof value !== 'object' || value === null) return undefined
  for (const item of Object.values(value)) {
    const found = nonFinite(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** Strings that are not a number, and all other JSON values, become null. */
function toNumber(value: Value): Value {
  if (typeof value === 'number') return value
  if (value instanceof Opaque) throw evaluationError('type', 'unknown type')
  return typeof value === 'string' ? (parseGoFloat(value) ?? null) : null
}
