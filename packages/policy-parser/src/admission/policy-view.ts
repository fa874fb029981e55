import { isJsonObject, type JsonObject, ownMember } from '@verify-images/primitives'
import { controllersAnnotation, generateRules } from '../compute-rules.ts'
import { itemsOf, textOf, valueAt } from '../json-value.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'

/** A rule, with the place of the rule it was written as. */
export interface ComputedRule {
  readonly rule: JsonObject
  readonly path: readonly PathKey[]
}

/** A policy after its schema, as the checks of admission see it. */
export interface PolicyView {
  readonly document: JsonObject
  readonly namespaced: boolean
  readonly spec: JsonObject
  readonly background: boolean
  readonly admission: boolean
  /** All rules as they are written. */
  readonly rules: readonly ComputedRule[]
  /** Those that are evaluated: a rule named like a generated one makes place for those. */
  readonly computed: readonly ComputedRule[]
  /** Those that are generated for pod controllers, each at the place of its origin. */
  readonly generated: readonly ComputedRule[]
}

export interface AdmissionOptions {
  /** Throws for a text that is no JMESPath; without it expressions are not checked. */
  readonly compileExpression?: ((text: string) => unknown) | undefined
  /** Judges as Kyverno's command line does: where there is no cluster, `matchConditions` cannot be checked and are refused. */
  readonly withoutCluster?: boolean | undefined
}

/** One check of admission. It reports everything that it finds; upstream often stops at the first. */
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
    computed: rules.filter(({ rule }) => !textOf(rule, 'name').startsWith('autogen-')),
    generated: generated.map(({ rule, origin }) => ({ rule, path: ['spec', 'rules', origin] })),
  }
}

/** Every block of a match or exclude that says which resources: those of its lists, and itself. */
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

/** The resource description of a block; empty where there is none. */
export function descriptionOf(block: JsonObject): JsonObject {
  const resources = valueAt(block, 'resources')
  return isJsonObject(resources) ? resources : {}
}
