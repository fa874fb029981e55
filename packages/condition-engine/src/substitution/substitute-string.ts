import { expressionOf, findVariables, type Json } from '@verify-images/primitives'
import { typeName } from '../check-arguments.ts'
import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import { goJson } from '../values/go-json.ts'
import type { GoValue } from '../values/go-value.ts'
import { pathExpression } from './document-path.ts'
import { replaceFirst } from './references.ts'
import { SealedData } from './sealed-data.ts'
import { spliceExpression } from './splice-expression.ts'
import type { SubstitutionRun } from './substitution-run.ts'
import type { Replacement } from './traverse.ts'

/** Returns whether a string has variables, or escapes that become braces. */
export function mayHoldVariables(text: string): boolean {
  return text.includes('{{')
}

/**
 * Replaces the variables of a string by their values. A string that is a single variable becomes the value itself, of
 * any type; inside other text, values that are not strings are encoded as JSON.
 *
 * By default only policy text is searched for variables. Kyverno searches the result again, so that data
 * with `{{ … }}` is evaluated; that is what `compatibility: 'kyverno'` does.
 *
 * @throws ConditionError CONDITION_VARIABLE_UNRESOLVED, and whatever evaluating a variable throws
 * @see Kyverno, pkg/engine/variables: substituteVars
 */
export function substituteString(template: string, path: string, run: SubstitutionRun): Replacement {
  if (!mayHoldVariables(template)) return { value: template, traverse: false }
  const strict = run.compatibility === 'strict'
  const data = new SealedData()
  let text = strict ? data.sealMarks(template) : template
  run.work.write(text.length)
  for (let found = findVariables(text); found.length > 0;) {
    const whole = text
    let shallow = false
    for (const variable of found) {
      const place = Math.max(0, text.indexOf(variable.lead + variable.text)) + variable.lead.length
      const read = expressionOf(restOfCharacter(data.lastCharacter(text.slice(0, place))) + variable.text)
      shallow = read.shallow
      const value = resolveVariable(read.expression, path, data, run)
      if (whole === variable.text) return { value, traverse: !strict }
      const inserted = insertedText(value, shallow, strict, data)
      text = replaceFirst(text, variable.lead + variable.text, variable.lead + inserted)
      run.work.write(text.length)
    }
    found = shallow ? [] : findVariables(text)
  }
  const opened = data.open(text.replaceAll('\\{{', '{{'))
  run.work.write(opened.length)
  return { value: opened, traverse: false }
}

/**
 * Returns the bytes of the preceding character after the first, as Go prints invalid UTF-8. Kyverno counts one byte for
 * that character, so the rest becomes part of the expression and makes it invalid. Half a surrogate pair represents
 * four bytes.
 */
function restOfCharacter(character: string): string {
  if (character <= '\u007f') return ''
  const surrogate = character >= '\ud800' && character <= '\udfff'
  return '\ufffd'.repeat(surrogate ? 3 : character <= '\u07ff' ? 1 : 2)
}

function resolveVariable(expression: string, path: string, data: SealedData, run: SubstitutionRun): Json {
  run.work.resolveVariable()
  let asked = expression
  try {
    asked = askedExpression(spliceExpression(expression, data), path, run)
    return run.context.query(asked)
  } catch (error) {
    if (error instanceof ConditionError) throw unresolved(data.open(asked), path, error)
    throw error
  }
}

function askedExpression(expression: string, path: string, run: SubstitutionRun): string {
  const asked = expression === '@' ? pathExpression(path, run.root()) : expression
  return asked.includes('request.object') && run.isDelete()
    ? asked.replaceAll('request.object', 'request.oldObject')
    : asked
}

function unresolved(expression: string, path: string, error: ConditionError): ConditionError {
  const code = error.kind === 'not-found' ? 'CONDITION_VARIABLE_UNRESOLVED' : error.code
  const shown = expression.length > LIMITS.shownLength ? `${expression.slice(0, LIMITS.shownLength)}…` : expression
  return new ConditionError(code, error.kind, `failed to resolve ${shown} at path ${path}: ${error.message}`, {
    cause: error,
  })
}

function insertedText(value: GoValue, shallow: boolean, strict: boolean, data: SealedData): string {
  const isString = typeof value === 'string'
  // Kyverno crashes on these.
  if (shallow && !isString && value !== null) {
    throw new ConditionError(
      'CONDITION_VALUE_INVALID',
      'type',
      `shallow variable inside a longer string: expected a string, got ${typeName(value)}`,
    )
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ConditionError(
      'CONDITION_VALUE_INVALID',
      'value',
      `variable inside a longer string: expected a finite number, got ${String(value)}`,
    )
  }
  const text = isString ? value : goJson(value, { exponentDigits: 2 })
  if (strict) return data.seal(text, isString)
  return shallow ? text.replaceAll('{{', '\\{{') : text
}
