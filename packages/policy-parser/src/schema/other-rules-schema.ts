import { anyAllConditions, anyAllConditionsV2 } from './condition-schema.ts'
import { context } from './context-schema.ts'
import { labelSelector } from './match-schema.ts'
import { any, conditions, flag, flagWithDefault, listOf, object, oneOfTexts, text, textList } from './schema.ts'
import type { Schema } from './schema.ts'
import { attestorSet } from './verify-images-schema.ts'

/** Rules that do not verify images. They are checked, as upstream checks the whole policy, and never evaluated here. */

export const failureActionOverrides: Schema = listOf(
  object({
    action: oneOfTexts('audit', 'enforce', 'Audit', 'Enforce'),
    namespaces: textList,
    namespaceSelector: labelSelector,
  }),
)

export const mutate: Schema = object({
  mutateExistingOnPolicyUpdate: flag,
  targets: listOf(
    object({
      apiVersion: text,
      kind: text,
      name: text,
      namespace: text,
      uid: text,
      selector: labelSelector,
      context,
      preconditions: conditions,
    }),
  ),
  patchStrategicMerge: any,
  patchesJson6902: text,
  foreach: listOf(
    object({
      list: text,
      order: oneOfTexts('Ascending', 'Descending'),
      context,
      preconditions: anyAllConditions,
      patchStrategicMerge: any,
      patchesJson6902: text,
      foreach: any,
    }),
  ),
})

const pattern = {
  apiVersion: text,
  kind: text,
  name: text,
  namespace: text,
  uid: text,
  data: any,
  clone: object({ name: text, namespace: text }),
  cloneList: object({ namespace: text, kinds: textList, selector: labelSelector }),
}

export const generate: Schema = object({
  generateExisting: flag,
  synchronize: flag,
  orphanDownstreamOnPolicyDelete: flag,
  ...pattern,
  foreach: listOf(object({ list: text, context, preconditions: anyAllConditions, ...pattern })),
})

const cel: Schema = object({
  generate: flagWithDefault(false),
  expressions: listOf(object({ 'expression!': text, message: text, messageExpression: text, reason: text })),
  paramKind: object({ apiVersion: text, kind: text }),
  paramRef: object({ name: text, namespace: text, parameterNotFoundAction: text, selector: labelSelector }),
  auditAnnotations: listOf(object({ 'key!': text, 'valueExpression!': text })),
  variables: listOf(object({ 'name!': text, 'expression!': text })),
})

const manifests: Schema = object({
  attestors: listOf(attestorSet),
  annotationDomain: text,
  ignoreFields: listOf(
    object({
      fields: textList,
      objects: listOf(object({ group: text, kind: text, name: text, namespace: text, version: text })),
    }),
  ),
  dryRun: object({ enable: flag, namespace: text }),
  repository: text,
})

const controlNames = [
  'HostProcess',
  'Host Namespaces',
  'Privileged Containers',
  'Capabilities',
  'HostPath Volumes',
  'Host Ports',
  'AppArmor',
  'SELinux',
  '/proc Mount Type',
  'Seccomp',
  'Sysctls',
  'Volume Types',
  'Privilege Escalation',
  'Running as Non-root',
  'Running as Non-root user',
] as const

/** An entry of `podSecurity.exclude`, also of an exception. */
export const podSecurityControls: Schema = listOf(
  object({
    'controlName!': oneOfTexts(...controlNames),
    images: textList,
    restrictedField: text,
    values: textList,
  }),
)

const versions = Array.from({ length: 14 }, (_, i) => `v1.${i + 19}`)

const validateFields: Readonly<Record<string, Schema>> = {
  failureAction: oneOfTexts('Audit', 'Enforce'),
  failureActionOverrides,
  message: text,
  manifests,
  foreach: listOf(
    object({
      list: text,
      elementScope: flag,
      context,
      preconditions: anyAllConditions,
      pattern: any,
      anyPattern: any,
      deny: object({ conditions }),
      foreach: any,
    }),
  ),
  pattern: any,
  anyPattern: any,
  deny: object({ conditions }),
  podSecurity: object({
    level: oneOfTexts('privileged', 'baseline', 'restricted'),
    version: oneOfTexts(...versions, 'latest'),
    exclude: podSecurityControls,
  }),
  cel,
  assert: any,
}

export const validate: Schema = object({ ...validateFields, allowExistingViolations: flagWithDefault(true) })
export const validateV2: Schema = object({ ...validateFields, deny: object({ conditions: anyAllConditionsV2 }) })
