import { leavesControllersOut } from '../admission/warnings.ts'
import { CONTROLLERS_ANNOTATION } from '../autogen/controllers.ts'
import { allKinds } from '../autogen/generate-rule.ts'
import { toJson } from '../compute-rules.ts'
import { ownValue } from '../json-value.ts'
import { kindOf } from '../kind-selector.ts'
import type { FailureActionOverride, Policy, PolicyFinding, Rule } from '../model.ts'
import { entryFindings } from './entry-findings.ts'
import type { Note } from './note.ts'

/** What can be said of an accepted policy from its text alone, in the order of the text. */
export function findFindings({ annotations, spec, locate }: Omit<Policy, 'findings'>): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = []
  const note: Note = (severity, code, path, message) => void findings.push({ severity, code, path, message, ...locate(path) })

  noteActions(spec.validationFailureAction, spec.validationFailureActionOverrides ?? [], note)
  if ((spec.webhookConfiguration?.matchConditions ?? []).length > 0) {
    note('warning', 'POLICY_MATCH_CONDITIONS_IGNORED', 'spec.webhookConfiguration.matchConditions', 'these conditions are not evaluated: the policy is applied to every request')
  }
  const annotation = Object.hasOwn(annotations, CONTROLLERS_ANNOTATION) ? annotations[CONTROLLERS_ANNOTATION] : undefined
  spec.rules.forEach((rule, i) => noteRule(rule, `spec.rules[${i}]`, annotation, note))
  return findings.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
}

function noteActions(action: string, overrides: readonly FailureActionOverride[], note: Note): void {
  const lower = (text: string | undefined): boolean => text === 'audit' || text === 'enforce'
  if (lower(action)) note('warning', 'POLICY_FIELD_DEPRECATED', 'spec.validationFailureAction', 'write Enforce or Audit')
  overrides.forEach((override, i) => {
    if (lower(override.action)) note('warning', 'POLICY_FIELD_DEPRECATED', `spec.validationFailureActionOverrides[${i}].action`, 'write Enforce or Audit')
  })
}

function noteRule(rule: Rule, path: string, annotation: string | undefined, note: Note): void {
  const entries = rule.verifyImages ?? []
  if (entries.length === 0) {
    note('warning', 'POLICY_RULE_UNSUPPORTED', path, 'only rules that verify images are evaluated; this one is passed over')
    return
  }
  const kinds = new Set(allKinds(ownValue(toJson(rule), 'match')).map(kindOf))
  if (kinds.size === 1 && kinds.has('Pod') && leavesControllersOut(annotation)) {
    note('warning', 'POLICY_AUTOGEN_PARTIAL', `${path}.match`, 'Pods of the controllers that the autogen annotation leaves out are still matched')
  }
  entries.forEach((entry, i) => entryFindings(entry, `${path}.verifyImages[${i}]`, note))
}
