import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, textOf } from '../json-value.ts'
import { hasMutate, hasMutateExisting } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import { hasVariables, replaceVariables } from '../variables.ts'
import { readDocuments } from '../read-documents.ts'
import { PolicyError, shown } from '../policy-error.ts'
import type { PathKey } from '../place.ts'
import { checkNested } from './check-nested.ts'
import { metadataIsText } from './metadata-text.ts'
import type { Check } from './policy-view.ts'

/** Mutate rules, as they are evaluated. */
export const checkMutate: Check = ({ computed, document, namespaced }, report) => {
  const namespace = textOf(ownMember(document, 'metadata'), 'namespace')
  for (const { rule, path } of computed) {
    const mutate = ownMember(rule, 'mutate')
    if (!isJsonObject(mutate)) continue
    const at = [...path, 'mutate']
    checkPatch(textOf(mutate, 'patchesJson6902'), [...at, 'patchesJson6902'], report)
    if (!hasMutate(rule)) continue
    checkForms(mutate, at, report)
    if (!patchesOf(mutate).every(metadataIsText))
      report('POLICY_FIELD_INVALID', at, 'labels and annotations in a patch must be text; quote them')
    // Upstream does not look for them in a rule with loops.
    if (itemsOf(ownMember(mutate, 'foreach')).length === 0 && isJsonArray(ownMember(rule, 'celPreconditions')))
      report('POLICY_FIELD_CONFLICT', [...path, 'celPreconditions'], 'can only be used with `validate.cel`')
    if (namespaced && hasMutateExisting(rule)) checkTargets(mutate, namespace, at, report)
  }
}

/** Those whose metadata upstream looks at: of loops, the first patch that there is. */
function patchesOf(mutate: JsonObject): readonly Json[] {
  const loops = itemsOf(ownMember(mutate, 'foreach'))
  if (loops.length === 0) return [ownMember(mutate, 'patchStrategicMerge') ?? null]
  return loops
    .map((loop) => ownMember(loop, 'patchStrategicMerge') ?? null)
    .filter(isJsonObject)
    .slice(0, 1)
}

function checkTargets(mutate: JsonObject, namespace: string, path: readonly PathKey[], report: Report): void {
  itemsOf(ownMember(mutate, 'targets')).forEach((target, i) => {
    const own = textOf(target, 'namespace')
    if (own !== '' && own !== namespace)
      report('POLICY_FIELD_INVALID', [...path, 'targets', i, 'namespace'], "must be the policy's own namespace")
  })
}

function checkForms(mutate: JsonObject, path: readonly PathKey[], report: Report): void {
  const merge = (ownMember(mutate, 'patchStrategicMerge') ?? null) !== null
  const patch = textOf(mutate, 'patchesJson6902') !== ''
  const loops = itemsOf(ownMember(mutate, 'foreach'))
  if (Number(merge) + Number(patch) + Number(loops.length > 0) > 1) {
    report('POLICY_FIELD_CONFLICT', path, 'only one of foreach, patchStrategicMerge, patchesJson6902 is allowed')
  }
  loops.forEach((loop, i) => checkLoop(loop, [...path, 'foreach', i], report))
}

function checkLoop(loop: Json, path: readonly PathKey[], report: Report): void {
  const merge = (ownMember(loop, 'patchStrategicMerge') ?? null) !== null
  const patch = textOf(loop, 'patchesJson6902') !== ''
  checkNested(loop, path, report)
  const nested = itemsOf(ownMember(loop, 'foreach'))
  if (nested.length === 0) {
    if (merge === patch)
      report('POLICY_FIELD_CONFLICT', path, 'exactly one of patchStrategicMerge, patchesJson6902 is required')
    return
  }
  if (merge || patch || isJsonArray(ownMember(loop, 'context')) || isJsonObject(ownMember(loop, 'preconditions'))) {
    report('POLICY_FIELD_CONFLICT', path, 'a loop with a loop inside cannot have anything else')
  }
  nested.forEach((inner, i) => checkLoop(inner, [...path, 'foreach', i], report))
}

const OPERATIONS: readonly string[] = ['add', 'remove', 'replace', 'move', 'copy', 'test']
const WITHOUT_VALUE: readonly string[] = ['remove', 'move', 'copy']

/** An RFC 6902 patch in YAML; its variables count as one word. */
function checkPatch(patch: string, path: readonly PathKey[], report: Report): void {
  if (patch === '') return
  if (operationsOf(patch, path).some((operation) => hasVariables(textOf(operation, 'path'))))
    report('POLICY_VARIABLE_INVALID', path, 'variables are not allowed in the path of a patch')
  const plain = replaceVariables(patch, 'variable')
  for (const operation of operationsOf(plain, path, report)) {
    const op = textOf(operation, 'op')
    if (!textOf(operation, 'path').startsWith('/'))
      report('POLICY_FIELD_INVALID', path, 'a path must begin with a slash')
    if (!OPERATIONS.includes(op))
      report('POLICY_FIELD_INVALID', path, `operation ${shown(op)} is none of ${OPERATIONS.join(', ')}`)
    else if (!WITHOUT_VALUE.includes(op) && ownMember(operation, 'value') === undefined)
      report('POLICY_FIELD_INVALID', path, `operation ${op} needs a value`)
  }
}

function operationsOf(patch: string, path: readonly PathKey[], report?: Report): readonly Json[] {
  try {
    const value = readDocuments(patch)[0]?.value
    if (isJsonArray(value)) return value
    report?.('POLICY_FIELD_INVALID', path, 'must be a list of operations')
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    report?.('POLICY_FIELD_INVALID', path, `is no YAML: ${error.message}`)
  }
  return []
}
