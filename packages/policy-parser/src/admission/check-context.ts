import { isImageReference } from '@verify-images/image-matcher'
import {
  hasVariables,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  ownMember,
  messageOf,
} from '@verify-images/primitives'
import { itemsOf, stringAt, valueAt } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import { isZeroStruct } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import type { AdmissionOptions, Check } from './policy-view.ts'

const RESERVED = [
  'images',
  'request',
  'serviceAccountName',
  'serviceAccountNamespace',
  'element',
  'elementIndex',
] as const

/** Checks the context entries of every computed rule. */
export const checkContext: Check = ({ computed }, report, options) => {
  for (const { rule, path } of computed) {
    const entries = itemsOf(ownMember(rule, 'context'))
    const cel = valueAt(rule, 'validate', 'cel')
    if (entries.length > 0 && isJsonObject(cel) && !isZeroStruct(cel))
      report('POLICY_FIELD_CONFLICT', [...path, 'context'], 'CEL expressions cannot use context entries')
    entries.forEach((entry, i) => checkEntry(entry, [...path, 'context', i], report, options))
    checkExtractors(rule, path, report)
  }
}

function checkEntry(entry: Json, path: readonly PathKey[], report: Report, options: AdmissionOptions): void {
  const name = stringAt(entry, 'name')
  if (name === '') report('POLICY_FIELD_MISSING', [...path, 'name'], 'is required')
  const reserved = RESERVED.find((word) => name === word || name.startsWith(`${word}.`))
  if (reserved !== undefined)
    report(
      'POLICY_FIELD_CONFLICT',
      [...path, 'name'],
      `${shown(name)} conflicts with the built-in variable \`${reserved}\``,
    )

  for (const [source, check] of Object.entries(SOURCES)) {
    const value = ownMember(entry, source)
    if (isJsonObject(value)) {
      check(value, [...path, source], report)
      checkExpression(stringAt(value, 'jmesPath'), [...path, source, 'jmesPath'], report, options)
    }
  }
}

type SourceCheck = (source: JsonObject, path: readonly PathKey[], report: Report) => void

const SOURCES: Readonly<Record<string, SourceCheck>> = {
  configMap: (source, path, report) => {
    for (const field of ['name', 'namespace']) {
      if (stringAt(source, field) === '') report('POLICY_FIELD_MISSING', [...path, field], 'is required')
    }
  },
  apiCall: (source, path, report) => {
    if (stringAt(source, 'urlPath') !== '' && isJsonObject(ownMember(source, 'service')))
      report('POLICY_FIELD_CONFLICT', [...path, 'urlPath'], 'cannot be set together with `service`')
  },
  globalReference: (source, path, report) => {
    if (stringAt(source, 'name') === '') report('POLICY_FIELD_MISSING', [...path, 'name'], 'is required')
  },
  imageRegistry: (source, path, report) => {
    const reference = stringAt(source, 'reference')
    if (reference === '') report('POLICY_FIELD_MISSING', [...path, 'reference'], 'is required')
    else if (!hasVariables(reference) && !isImageReference(reference))
      report('POLICY_FIELD_INVALID', [...path, 'reference'], `expected an image reference, got ${shown(reference)}`)
  },
  variable: (source, path, report) => {
    const expression = stringAt(source, 'jmesPath')
    if (expression !== '') return
    if ((ownMember(source, 'value') ?? null) === null)
      report('POLICY_FIELD_MISSING', [...path, 'value'], 'one of `value` and `jmesPath` is required')
    if ((ownMember(source, 'default') ?? null) !== null)
      report('POLICY_FIELD_CONFLICT', [...path, 'default'], 'can only be set together with `jmesPath`')
  },
}

/** An expression with variables can be checked only after substitution. */
function checkExpression(
  expression: string,
  path: readonly PathKey[],
  report: Report,
  { compileExpression }: AdmissionOptions,
): void {
  if (expression === '' || hasVariables(expression) || compileExpression === undefined) return
  try {
    compileExpression(expression)
  } catch (error) {
    report('POLICY_FIELD_INVALID', path, `invalid JMESPath ${shown(expression)}: ${messageOf(error)}`)
  }
}

/** A value computed by an expression cannot be written back with a digest. */
function checkExtractors(rule: JsonObject, path: readonly PathKey[], report: Report): void {
  const extractors = ownMember(rule, 'imageExtractors')
  const entries = ownMember(rule, 'verifyImages')
  if (
    !isJsonObject(extractors) ||
    !isJsonArray(entries) ||
    !entries.some((entry) => ownMember(entry, 'mutateDigest') === true)
  )
    return
  for (const [kind, list] of Object.entries(extractors)) {
    itemsOf(list).forEach((extractor, i) => {
      if (stringAt(extractor, 'jmesPath') !== '')
        report(
          'POLICY_FIELD_CONFLICT',
          [...path, 'imageExtractors', kind, i, 'jmesPath'],
          'cannot be set if an entry has `mutateDigest`',
        )
    })
  }
}

/** Returns the names that context entries define, as patterns of the variables that a rule may use. */
export function contextPatterns(entries: Json | undefined): string[] {
  return itemsOf(entries).flatMap((entry) => {
    const name = stringAt(entry, 'name')
    const patterns = ['apiCall', 'globalReference', 'imageRegistry', 'variable'].some((source) =>
      isJsonObject(ownMember(entry, source)),
    )
      ? [`${name}*`]
      : []
    return isJsonObject(ownMember(entry, 'configMap'))
      ? [...patterns, ...['.data', '.metadata', '.data.*', '.metadata.*'].map((suffix) => name + suffix)]
      : patterns
  })
}
