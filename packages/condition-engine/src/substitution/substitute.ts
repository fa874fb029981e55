import { type Json, setKey } from '@verify-images/primitives'
import type { QueryContext } from '../query-context.ts'
import { checkDepth, isGoArray, isGoObject, type GoValue } from '../values/go-value.ts'
import { mayHoldReferences, substituteReferences } from './references.ts'
import { mayHoldVariables, substituteString } from './substitute-string.ts'
import { SubstitutionRun, type SubstitutionOptions } from './substitution-run.ts'
import { replaceStrings } from './traverse.ts'

/**
 * Substitutes the references `$(path)` and then the variables `{{ expression }}` of a document, in strings and in keys.
 *
 * The document is policy text; data enters only through the context. By default, inserted data is not searched
 * again. So substitute a document once: a second substitution would evaluate the data of the first.
 *
 * @throws ConditionError CONDITION_REFERENCE_UNRESOLVED, CONDITION_VARIABLE_UNRESOLVED, CONDITION_EXPRESSION_INVALID,
 *   CONDITION_EVALUATION_FAILED, CONDITION_VALUE_INVALID, CONDITION_LIMIT_EXCEEDED, CONDITION_OPTIONS_INVALID; other
 *   errors of the context propagate
 * @see Kyverno, pkg/engine/variables: SubstituteAll
 */
export function substitute(document: Json, context: QueryContext, options: SubstitutionOptions = {}): Json {
  return toJson(substituteValue(document, new SubstitutionRun(context, options)))
}

/** {@link substitute} as part of a larger run. */
export function substituteValue(document: GoValue, run: SubstitutionRun): GoValue {
  const referenced = someString(document, mayHoldReferences) ? substituteReferences(document, run.work) : document
  return replaceStrings(referenced, (text, path) => substituteString(text, path, run))
}

/** Returns whether substituting the document can change it. */
export function isTemplate(document: GoValue): boolean {
  return someString(document, (text) => mayHoldReferences(text) || mayHoldVariables(text))
}

/** Returns whether any part comes from variables, and so from data. */
export function holdsVariables(document: GoValue): boolean {
  return someString(document, mayHoldVariables)
}

function someString(value: GoValue, test: (text: string) => boolean, depth = 0): boolean {
  checkDepth(depth)
  if (typeof value === 'string') return test(value)
  if (isGoArray(value)) return value.some((item) => someString(item, test, depth + 1))
  return (
    isGoObject(value) && Object.entries(value).some(([key, item]) => test(key) || someString(item, test, depth + 1))
  )
}

/** Converts integers to numbers. The result shares nothing with the context. */
function toJson(value: GoValue): Json {
  if (typeof value === 'bigint') return Number(value)
  if (isGoArray(value)) return value.map(toJson)
  if (!isGoObject(value)) return value
  const object: { [key: string]: Json } = {}
  for (const [key, item] of Object.entries(value)) setKey(object, key, toJson(item))
  return object
}
