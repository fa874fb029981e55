import { anyAllConditionsV2 } from './condition-schema.ts'
import { context } from './context-schema.ts'
import { labelSelector, matchBlocks, matchResources } from './match-schema.ts'
import {
  any,
  conditions,
  flag,
  flagWithDefault,
  integer,
  integer32,
  listOf,
  object,
  oneOfTexts,
  text,
  textList,
  textMap,
} from './schema.ts'
import type { ObjectSchema, Schema } from './schema.ts'
import { verifyImages, verifyImagesV2 } from './verify-images-schema.ts'

/**
 * The CRDs of ClusterPolicy, Policy and PolicyException, Kyverno 1.19.
 *
 * @see Kyverno, config/crds/kyverno
 */

/** Other kinds of rules are never evaluated here, so their content is not checked. */
const otherRule: Schema = { kind: 'map', values: any }

const matchConditions: Schema = listOf(object({ 'name!': text, 'expression!': text }))

function ruleOf(versioned: Readonly<Record<string, Schema>>): ObjectSchema {
  return object({
    'name!': { kind: 'text', maxLength: 63 },
    context,
    reportProperties: textMap,
    imageExtractors: {
      kind: 'map',
      values: listOf(object({ 'path!': text, value: text, name: text, key: text, jmesPath: text })),
    },
    celPreconditions: matchConditions,
    mutate: otherRule,
    generate: otherRule,
    validate: otherRule,
    skipBackgroundRequests: flagWithDefault(true),
    ...versioned,
  })
}

/** A rule of kyverno.io/v1; substituted rules are decoded with it, too. */
export const ruleSchema: ObjectSchema = ruleOf({
  'match!': matchResources,
  exclude: matchResources,
  preconditions: conditions,
  verifyImages,
})
const ruleV2 = ruleOf({
  'match!': matchBlocks,
  exclude: matchBlocks,
  preconditions: anyAllConditionsV2,
  verifyImages: verifyImagesV2,
})

const failurePolicy = oneOfTexts('Ignore', 'Fail')

const failureActionOverrides: Schema = listOf(
  object({
    action: oneOfTexts('audit', 'enforce', 'Audit', 'Enforce'),
    namespaces: textList,
    namespaceSelector: labelSelector,
  }),
)

function specOf(rule: Schema): Schema {
  return object({
    rules: listOf(rule),
    applyRules: oneOfTexts('All', 'One'),
    failurePolicy,
    validationFailureAction: { kind: 'text', values: ['audit', 'enforce', 'Audit', 'Enforce'], default: 'Audit' },
    validationFailureActionOverrides: failureActionOverrides,
    emitWarning: flagWithDefault(false),
    admission: flagWithDefault(true),
    background: flagWithDefault(true),
    schemaValidation: flag,
    webhookTimeoutSeconds: integer32,
    webhookConfiguration: object({ failurePolicy, timeoutSeconds: integer32, matchConditions }),
    mutateExistingOnPolicyUpdate: flag,
    generateExisting: flag,
    generateExistingOnPolicyUpdate: flag,
    useServerSideApply: flag,
  })
}

const metadata: Schema = object({
  name: text,
  generateName: text,
  namespace: text,
  selfLink: text,
  uid: text,
  resourceVersion: text,
  generation: integer,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: integer,
  labels: textMap,
  annotations: textMap,
  ownerReferences: any,
  finalizers: textList,
  managedFields: any,
})

/** A cluster writes `status`, in whatever version; it is not part of the policy. */
function documentOf(spec: Schema): ObjectSchema {
  return object({ apiVersion: text, kind: text, metadata, 'spec!': spec, status: any })
}

export const specSchema: Schema = specOf(ruleSchema)

/** By apiVersion; ClusterPolicy and Policy have the same. */
export const POLICY_SCHEMAS: ReadonlyMap<string, ObjectSchema> = new Map([
  ['kyverno.io/v1', documentOf(specSchema)],
  ['kyverno.io/v2beta1', documentOf(specOf(ruleV2))],
])

export const exceptionSpecSchema: ObjectSchema = object({
  background: flag,
  'match!': matchBlocks,
  conditions: anyAllConditionsV2,
  'exceptions!': listOf(object({ 'policyName!': text, 'ruleNames!': textList })),
  podSecurity: any,
})

const exceptionSchema: ObjectSchema = object({ apiVersion: text, kind: text, metadata, 'spec!': exceptionSpecSchema })

/** By apiVersion. */
export const EXCEPTION_SCHEMAS: ReadonlyMap<string, ObjectSchema> = new Map([
  ['kyverno.io/v2', exceptionSchema],
  ['kyverno.io/v2beta1', exceptionSchema],
])
