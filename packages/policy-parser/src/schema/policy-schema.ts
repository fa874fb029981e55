import { anyAllConditionsV2 } from './condition-schema.ts'
import { context } from './context-schema.ts'
import { labelSelector, matchBlocks, matchResources } from './match-schema.ts'
import {
  any,
  conditions,
  boolean,
  booleanWithDefault,
  integer,
  integer32,
  arrayOf,
  object,
  enumOf,
  string,
  stringArray,
  stringMap,
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

const matchConditions: Schema = arrayOf(object({ 'name!': string, 'expression!': string }))

function ruleOf(versioned: Readonly<Record<string, Schema>>): ObjectSchema {
  return object({
    'name!': { kind: 'string', maxLength: 63 },
    context,
    reportProperties: stringMap,
    imageExtractors: {
      kind: 'map',
      values: arrayOf(object({ 'path!': string, value: string, name: string, key: string, jmesPath: string })),
    },
    celPreconditions: matchConditions,
    mutate: otherRule,
    generate: otherRule,
    validate: otherRule,
    skipBackgroundRequests: booleanWithDefault(true),
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

const failurePolicy = enumOf('Ignore', 'Fail')

const failureActionOverrides: Schema = arrayOf(
  object({
    action: enumOf('audit', 'enforce', 'Audit', 'Enforce'),
    namespaces: stringArray,
    namespaceSelector: labelSelector,
  }),
)

function specOf(rule: Schema): Schema {
  return object({
    rules: arrayOf(rule),
    applyRules: enumOf('All', 'One'),
    failurePolicy,
    validationFailureAction: { kind: 'string', values: ['audit', 'enforce', 'Audit', 'Enforce'], default: 'Audit' },
    validationFailureActionOverrides: failureActionOverrides,
    emitWarning: booleanWithDefault(false),
    admission: booleanWithDefault(true),
    background: booleanWithDefault(true),
    schemaValidation: boolean,
    webhookTimeoutSeconds: integer32,
    webhookConfiguration: object({ failurePolicy, timeoutSeconds: integer32, matchConditions }),
    mutateExistingOnPolicyUpdate: boolean,
    generateExisting: boolean,
    generateExistingOnPolicyUpdate: boolean,
    useServerSideApply: boolean,
  })
}

const metadata: Schema = object({
  name: string,
  generateName: string,
  namespace: string,
  selfLink: string,
  uid: string,
  resourceVersion: string,
  generation: integer,
  creationTimestamp: string,
  deletionTimestamp: string,
  deletionGracePeriodSeconds: integer,
  labels: stringMap,
  annotations: stringMap,
  ownerReferences: any,
  finalizers: stringArray,
  managedFields: any,
})

/** A cluster writes `status`, in whatever version; it is not part of the policy. */
function documentOf(spec: Schema): ObjectSchema {
  return object({ apiVersion: string, kind: string, metadata, 'spec!': spec, status: any })
}

export const specSchema: Schema = specOf(ruleSchema)

/** By apiVersion; ClusterPolicy and Policy have the same. */
export const POLICY_SCHEMAS: ReadonlyMap<string, ObjectSchema> = new Map([
  ['kyverno.io/v1', documentOf(specSchema)],
  ['kyverno.io/v2beta1', documentOf(specOf(ruleV2))],
])

export const exceptionSpecSchema: ObjectSchema = object({
  background: boolean,
  'match!': matchBlocks,
  conditions: anyAllConditionsV2,
  'exceptions!': arrayOf(object({ 'policyName!': string, 'ruleNames!': stringArray })),
  podSecurity: any,
})

const exceptionSchema: ObjectSchema = object({
  apiVersion: string,
  kind: string,
  metadata,
  'spec!': exceptionSpecSchema,
})

/** By apiVersion. */
export const EXCEPTION_SCHEMAS: ReadonlyMap<string, ObjectSchema> = new Map([
  ['kyverno.io/v2', exceptionSchema],
  ['kyverno.io/v2beta1', exceptionSchema],
])
