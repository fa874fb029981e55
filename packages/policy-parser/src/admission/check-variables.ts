import {
  expressionOf,
  findVariables,
  hasVariables,
  isJsonObject,
  type Json,
  type JsonObject,
  ownMember,
} from '@verify-images/primitives'
import { itemsOf, stringAt, valueAt } from '../json-value.ts'
import { LIMITS } from '../limits.ts'
import { shown } from '../policy-error.ts'
import { hasGenerate, hasImageValidation, hasMutateExisting } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import { matchResources } from '../schema/match-schema.ts'
import { omitEmpty } from '../schema/omit-empty.ts'
import type { PathKey } from '../place.ts'
import { contextPatterns } from './check-context.ts'
import { leavesOf, pathOf } from './leaves.ts'
import { blocksOf } from './policy-view.ts'
import type { AdmissionOptions, Check } from './policy-view.ts'
import { referenceFault, referenceTargets } from './reference-fault.ts'
import { substitutionFault } from './substitution-fault.ts'
import type { VariableRules } from './substitution-fault.ts'

/** Checks the variables of every computed rule: where they are allowed, and whether they are known. */
export const checkVariables: Check = ({ computed, spec, background }, report, options) => {
  for (const { rule, path } of computed) {
    checkForbiddenSections(rule, path, report)
    checkElements(rule, path, report)
    checkTargets(rule, background, path, report, options)
    const rules = {
      background,
      target: hasMutateExisting(rule),
      patterns: patternsOf(rule),
      compileExpression: options.compileExpression,
    }
    checkText(withoutAttestationConditions(rule), rules, path, report)
    // A policy update evaluates such rules without a request, so the rules of background mode apply.
    const onUpdate =
      valueAt(rule, 'mutate', 'mutateExistingOnPolicyUpdate') ?? ownMember(spec, 'mutateExistingOnPolicyUpdate')
    if (onUpdate === true && isJsonObject(ownMember(rule, 'mutate')) && !background)
      checkText(withoutAttestationConditions(rule), { ...rules, background: true }, path, report)
  }
}

const FORBIDDEN = [['exclude'], ['match']] as const

// Kyverno searches the JSON text of the section, where a brace of JSON itself can close a variable. Escapes have no
// effect.
const ANY_VARIABLE = /\{\{[^{}]*\}\}/

function checkForbiddenSections(rule: JsonObject, path: readonly PathKey[], report: Report): void {
  for (const [section] of FORBIDDEN) {
    const value = ownMember(rule, section)
    if (value !== undefined && ANY_VARIABLE.test(JSON.stringify(omitEmpty(value, matchResources))))
      report('POLICY_VARIABLE_INVALID', [...path, section], 'variables are not allowed here')
  }
  itemsOf(ownMember(rule, 'verifyImages')).forEach((entry, i) => {
    const references = [
      ...itemsOf(ownMember(entry, 'imageReferences')).map((value, j) => ({ value, at: ['imageReferences', j] })),
      { value: stringAt(entry, 'image'), at: ['image'] },
    ]
    for (const { value, at } of references) {
      if (typeof value === 'string' && hasVariables(value))
        report('POLICY_VARIABLE_INVALID', [...path, 'verifyImages', i, ...at], 'variables are not allowed here')
    }
  })
}

/** `element` is defined only inside a loop. */
function checkElements(rule: JsonObject, path: readonly PathKey[], report: Report): void {
  for (const leaf of leavesOf(rule)) {
    if (typeof leaf.value !== 'string' || !leaf.value.includes('{{') || leaf.pointer.includes('/foreach/')) continue
    const found = findVariables(leaf.value)
      .map(({ text }) => expressionOf(text).expression)
      .find((expression) => expression.startsWith('element'))
    if (found !== undefined)
      report('POLICY_VARIABLE_INVALID', [...path, ...pathOf(leaf)], `variable ${shown(found)} is used outside a loop`)
  }
}

/** Targets are selected before `target` is defined. */
function checkTargets(
  rule: JsonObject,
  background: boolean,
  path: readonly PathKey[],
  report: Report,
  { compileExpression }: AdmissionOptions,
): void {
  itemsOf(valueAt(rule, 'mutate', 'targets')).forEach((target, i) => {
    const selection = Object.fromEntries(
      ['apiVersion', 'kind', 'namespace', 'name', 'uid'].flatMap((key) =>
        stringAt(target, key) === '' ? [] : [[key, stringAt(target, key)]],
      ),
    )
    checkText(
      selection,
      { background, target: false, patterns: contextPatterns(ownMember(rule, 'context')), compileExpression },
      [...path, 'mutate', 'targets', i],
      report,
    )
  })
}

function checkText(value: JsonObject, rules: VariableRules, path: readonly PathKey[], report: Report): void {
  if (rules.patterns.length > 4 * LIMITS.contextEntries) {
    report('POLICY_TOO_LARGE', [...path, 'context'], `more than ${LIMITS.contextEntries} context entries`)
    return
  }
  const leaves = leavesOf(value)
  let targets: ReadonlyMap<string, Json> | undefined
  for (const leaf of leaves) {
    if (typeof leaf.value !== 'string') continue
    const fault =
      referenceFault(leaf, () => (targets ??= referenceTargets(leaves))) ??
      (leaf.value.includes('{{') ? substitutionFault(leaf.value, rules) : undefined)
    if (fault !== undefined) report('POLICY_VARIABLE_INVALID', [...path, ...pathOf(leaf)], fault)
  }
}

/** Returns the variables that a rule defines itself, as patterns. */
function patternsOf(rule: JsonObject): string[] {
  const attestations = hasImageValidation(rule)
    ? itemsOf(ownMember(rule, 'verifyImages')).flatMap((entry) => itemsOf(ownMember(entry, 'attestations')))
    : []
  const inner = [
    ...itemsOf(valueAt(rule, 'validate', 'foreach')),
    ...itemsOf(valueAt(rule, 'mutate', 'foreach')),
    ...itemsOf(valueAt(rule, 'mutate', 'targets')),
    ...(hasGenerate(rule) ? itemsOf(valueAt(rule, 'generate', 'foreach')) : []),
  ]
  return [
    ...contextPatterns(ownMember(rule, 'context')),
    ...attestations.map((attestation) => `${stringAt(attestation, 'name')}*`),
    ...inner.flatMap((part) => contextPatterns(ownMember(part, 'context'))),
  ]
}

/** The content of an attestation is unknown until it is fetched, so its conditions may use any variable. */
function withoutAttestationConditions(rule: JsonObject): JsonObject {
  const entries = itemsOf(ownMember(rule, 'verifyImages'))
  if (entries.length === 0) return rule
  return { ...rule, verifyImages: entries.map((entry) => withoutConditions(entry)) }
}

function withoutConditions(entry: Json): Json {
  const attestations = itemsOf(ownMember(entry, 'attestations'))
  if (!isJsonObject(entry) || attestations.length === 0) return entry
  return {
    ...entry,
    attestations: attestations.map((attestation) =>
      isJsonObject(attestation) ? { ...attestation, conditions: [] } : attestation,
    ),
  }
}

const USER_VARIABLES = [
  /[^.]serviceAccountName\b/,
  /[^.]serviceAccountNamespace\b/,
  /[^.]request.userInfo\b/,
  /[^.]request.roles\b/,
  /[^.]request.clusterRoles\b/,
] as const

/** Background mode has no requester, so rules must not use roles, subjects or user variables. */
export const checkUserInfo: Check = ({ document, computed, rules, background }, report) => {
  if (!background) return
  for (const { rule, path } of computed) {
    for (const section of ['match', 'exclude'] as const) {
      for (const { block, path: at } of blocksOf(rule, section, path)) {
        const field = ['roles', 'clusterRoles', 'subjects'].find((name) => itemsOf(ownMember(block, name)).length > 0)
        if (field !== undefined)
          report(
            'POLICY_VARIABLE_INVALID',
            [...at, field],
            'is not allowed in background mode; set `spec.background` to false',
          )
      }
    }
  }
  if (rules.some(({ rule }) => hasMutateExisting(rule))) return
  for (const leaf of leavesOf(withoutLastApplied(document))) {
    if (typeof leaf.value !== 'string' || !leaf.value.includes('{{')) continue
    // Kyverno searches the policy's JSON text, where quotes are escaped.
    const found = findVariables(JSON.stringify(leaf.value)).find(({ text }) =>
      USER_VARIABLES.some((banned) => banned.test(text)),
    )
    if (found !== undefined)
      report(
        'POLICY_VARIABLE_INVALID',
        pathOf(leaf),
        `variable ${shown(found.text)} is not allowed in background mode; set \`spec.background\` to false`,
      )
  }
}

/** Returns the document without the copy of itself that kubectl stores in an annotation. */
function withoutLastApplied(document: JsonObject): JsonObject {
  const { status: _status, ...rest } = document
  const annotations = valueAt(document, 'metadata', 'annotations')
  const metadata = ownMember(document, 'metadata')
  if (!isJsonObject(annotations) || !isJsonObject(metadata)) return rest
  const { 'kubectl.kubernetes.io/last-applied-configuration': _copy, ...kept } = annotations
  return { ...rest, metadata: { ...metadata, annotations: kept } }
}
