import { isJsonObject, type JsonObject, ownMember } from '@verify-images/primitives'
import { controllersAnnotation, generateRules } from '../compute-rules.ts'
import { itemsOf, stringAt, valueAt } from '../json-value.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'

/** A rule with the path of the rule that it was written as. */
export interface ComputedRule {
  readonly rule: JsonObject
  readonly path: readonly PathKey[]
}

/** A schema-checked policy, as the admission checks see it. */
export interface PolicyView {
  readonly document: JsonObject
  readonly namespaced: boolean
  readonly spec: JsonObject
  readonly background: boolean
  readonly admission: boolean
  /** All rules as written. */
  readonly rules: readonly ComputedRule[]
  /** The written rules that are evaluated; generated rules replace written ones that are named like them. */
  readonly computed: readonly ComputedRule[]
  /** The rules generated for pod controllers, each with the path of its origin. */
  readonly generated: readonly ComputedRule[]
}

export interface AdmissionOptions {
  /** Throws for an invalid JMESPath expression; without it expressions are not checked. */
  readonly compileExpression?: ((text: string) => unknown) | undefined
  /** Checks as Kyverno's command line does: without a cluster it rejects `matchConditions`. */
  readonly withoutCluster?: boolean | undefined
}

/** One admission check. Reports every problem; Kyverno often stops at the first. */
export type Check = (policy: PolicyView, report: Report, options: AdmissionOptions) => void

export function viewPolicy(document: JsonObject): PolicyView {
  const spec = ownMember(document, 'spec')
  const body = isJsonObject(spec) ? spec : {}
  const rules = itemsOf(ownMember(body, 'rules'))
    .filter(isJsonObject)
    .map((rule, i) => ({ rule, path: ['spec', 'rules', i] }))
  return {
    document,
    namespaced: ownMember(document, 'kind') === 'Policy',
    spec: body,
    background: ownMember(body, 'background') !== false,
    admission: ownMember(body, 'admission') !== false,
    rules,
    ...computed(rules, document),
  }
}

function computed(rules: readonly ComputedRule[], document: JsonObject): Pick<PolicyView, 'computed' | 'generated'> {
  const generated = generateRules(
    rules.map(({ rule }) => rule),
    controllersAnnotation(document),
    '',
  )
  if (generated.length === 0) return { computed: rules, generated: [] }
  return {
    computed: rules.filter(({ rule }) => !stringAt(rule, 'name').startsWith('autogen-')),
    generated: generated.map(({ rule, origin }) => ({ rule, path: ['spec', 'rules', origin] })),
  }
}

/** Returns the blocks of a match or exclude: those of its lists, and itself. */
export function blocksOf(
  rule: JsonObject,
  section: 'match' | 'exclude',
  path: readonly PathKey[],
): { readonly block: JsonObject; readonly path: readonly PathKey[] }[] {
  const match = ownMember(rule, section)
  if (!isJsonObject(match)) return []
  const inside = (['any', 'all'] as const).flatMap((list) =>
    itemsOf(ownMember(match, list)).map((block, i) => ({
      block: isJsonObject(block) ? block : {},
      path: [...path, section, list, i],
    })),
  )
  return [...inside, { block: match, path: [...path, section] }]
}

/** Returns the resource description of a block; empty if it has none. */
export function descriptionOf(block: JsonObject): JsonObject {
  const resources = valueAt(block, 'resources')
  return isJsonObject(resources) ? resources : {}
}
