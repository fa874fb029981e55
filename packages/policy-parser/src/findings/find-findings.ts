import { type JsonObject, ownMember } from '@verify-images/primitives'
import { blocksOf, descriptionOf } from '../admission/policy-view.ts'
import { autogenObstacle, CONTROLLERS_ANNOTATION } from '../autogen/controllers.ts'
import { generateRules } from '../compute-rules.ts'
import { toJson } from '../decode-rule.ts'
import { stringsOf } from '../json-value.ts'
import type { FailureActionOverride, ImageVerification, Policy, PolicyFinding, Rule } from '../model.ts'
import { formatPath, type PathKey } from '../place.ts'
import { autogenFinding } from './autogen-finding.ts'
import { entryFindings, type Note } from './entry-findings.ts'
import { unresolvedImages } from './image-variable-finding.ts'
import { kindFinding } from './kind-finding.ts'

/** Returns the findings about an accepted policy, from its text alone and in text order. */
export function findFindings({ annotations, spec, locate }: Omit<Policy, 'findings'>): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = []
  const note: Note = (severity, code, path, message) =>
    void findings.push({ severity, code, path, message, ...locate(path) })

  noteActions(spec.validationFailureAction, spec.validationFailureActionOverrides ?? [], note)
  if ((spec.webhookConfiguration?.matchConditions ?? []).length > 0) {
    note(
      'warning',
      'POLICY_MATCH_CONDITIONS_IGNORED',
      'spec.webhookConfiguration.matchConditions',
      'CEL conditions are not evaluated: the policy applies to every request',
    )
  }
  const rules = spec.rules.map(toJson)
  if (!rules.some(selectsNamespaces)) noteUnreadLabels(spec.validationFailureActionOverrides ?? [], note)
  const annotation = Object.hasOwn(annotations, CONTROLLERS_ANNOTATION)
    ? annotations[CONTROLLERS_ANNOTATION]
    : undefined
  const obstacle = autogenObstacle(rules)
  if (spec.rules.some(isNamedAsGenerated) && generateRules(rules, annotation, '').length > 0)
    noteReplaced(spec.rules, note)
  rules.forEach((rule, i) =>
    noteRule(
      rule,
      spec.rules[i]?.verifyImages ?? [],
      ['spec', 'rules', i],
      autogenFinding(rule, annotation, obstacle),
      note,
    ),
  )
  return findings.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
}

function noteActions(action: string, overrides: readonly FailureActionOverride[], note: Note): void {
  const lower = (text: string | undefined): boolean => text === 'audit' || text === 'enforce'
  if (lower(action)) note('warning', 'POLICY_FIELD_DEPRECATED', 'spec.validationFailureAction', 'use Enforce or Audit')
  overrides.forEach((override, i) => {
    if (lower(override.action))
      note(
        'warning',
        'POLICY_FIELD_DEPRECATED',
        `spec.validationFailureActionOverrides[${i}].action`,
        'use Enforce or Audit',
      )
  })
}

/** Kyverno reads the labels of a namespace only if a rule selects by them. */
function noteUnreadLabels(overrides: readonly FailureActionOverride[], note: Note): void {
  overrides.forEach(({ namespaceSelector }, i) => {
    if (namespaceSelector !== undefined)
      note(
        'warning',
        'POLICY_FIELD_IGNORED',
        `spec.validationFailureActionOverrides[${i}].namespaceSelector`,
        'never matches in a cluster: Kyverno reads namespace labels only if a rule has a ' +
          '`namespaceSelector`; list the namespaces, or select by labels in `match`',
      )
  })
}

function selectsNamespaces(rule: JsonObject): boolean {
  return SECTIONS.some((section) =>
    blocksOf(rule, section, []).some(({ block }) => ownMember(descriptionOf(block), 'namespaceSelector') !== undefined),
  )
}

const SECTIONS = ['match', 'exclude'] as const

function isNamedAsGenerated({ name }: Rule): boolean {
  return name.startsWith('autogen-')
}

/** Kyverno takes such a rule for a generated one. */
function noteReplaced(rules: readonly Rule[], note: Note): void {
  rules.forEach((rule, i) => {
    if (isNamedAsGenerated(rule))
      note(
        'warning',
        'POLICY_FIELD_IGNORED',
        `spec.rules[${i}]`,
        'is ignored because generated rules have names like this; rename it',
      )
  })
}

function noteRule(
  rule: JsonObject,
  entries: readonly ImageVerification[],
  keys: readonly PathKey[],
  autogen: string | undefined,
  note: Note,
): void {
  const path = formatPath(keys)
  if (entries.length === 0) {
    note('warning', 'POLICY_RULE_UNSUPPORTED', path, 'is not evaluated: only verifyImages rules are')
    return
  }
  for (const at of unresolvedImages(rule))
    note(
      'warning',
      'POLICY_VARIABLE_UNRESOLVED',
      formatPath([...keys, ...at]),
      '`image` never resolves here: it is known in conditions of attestations and in `validate.deny` only',
    )
  if (autogen !== undefined) note('warning', 'POLICY_AUTOGEN_PARTIAL', `${path}.match`, autogen)
  for (const { block, path: at } of SECTIONS.flatMap((section) => blocksOf(rule, section, keys)))
    noteKinds(block, at, note)
  entries.forEach((entry, i) => entryFindings(entry, `${path}.verifyImages[${i}]`, note))
}

function noteKinds(block: JsonObject, path: readonly PathKey[], note: Note): void {
  stringsOf(ownMember(descriptionOf(block), 'kinds')).forEach((kind, i) => {
    const finding = kindFinding(kind)
    if (finding !== undefined)
      note('warning', 'POLICY_KIND_DOUBTFUL', formatPath([...path, 'resources', 'kinds', i]), finding)
  })
}
