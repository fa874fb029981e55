import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDocuments } from '@verify-images/core'
import { minimalRbac } from '@verify-images/kubernetes'
import { isObject } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { schemaProblems } from './testing/openapi.ts'

const deploy = join(import.meta.dirname, '../../deploy')
const FOLDERS = ['base', 'cert-manager', 'crds', 'self-signed'] as const

const documentsIn = (folder: string, file: string): readonly object[] =>
  readDocuments(readFileSync(join(deploy, folder, file), 'utf8')).map(({ value }) => Object(value))
const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(deploy, folder)).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
const manifests = FOLDERS.flatMap((folder) =>
  filesIn(folder).flatMap((file) => documentsIn(folder, file).map((object) => [`${folder}/${file}`, object] as const)),
)
const find = (kind: string): object => manifests.find(([, object]) => Reflect.get(object, 'kind') === kind)?.[1] ?? {}

test.each(manifests.filter(([, object]) => !String(Reflect.get(object, 'apiVersion')).startsWith('cert-manager.io/')))(
  '%s is valid by the OpenAPI schema of Kubernetes: %j',
  (_, object) => expect(schemaProblems(object)).toEqual([]),
)

test('the schema has no place for a misspelt member, or for a value of another type', () => {
  const deployment = {
    ...find('Deployment'),
    spec: { replica: 1, replicas: '2', template: { spec: { containers: {} } } },
  }
  expect(schemaProblems(deployment)).toEqual([
    'Deployment.spec.replica: unknown',
    'Deployment.spec.replicas: expected number',
    'Deployment.spec.template.spec.containers: expected an array',
  ])
})

test.each(FOLDERS)('the kustomization of %s lists all its files', (folder) => {
  const [kustomization] = documentsIn(folder, 'kustomization.yaml')
  const resources: readonly string[] = Reflect.get(Object(kustomization), 'resources')
  expect(resources.filter((name) => name.endsWith('.yaml')).toSorted()).toEqual(filesIn(folder).toSorted())
})

test('both webhook configurations are for the same requests', () => {
  const [mutating, validating] = ['Mutating', 'Validating'].map((kind) => {
    const webhooks: readonly object[] = Reflect.get(find(`${kind}WebhookConfiguration`), 'webhooks')
    const { name: _, clientConfig, reinvocationPolicy: __, ...rest } = Object(webhooks[0])
    return { path: clientConfig.service.path, rest }
  })
  expect([mutating?.path, validating?.path]).toEqual(['/mutate', '/validate'])
  expect(mutating?.rest).toEqual(validating?.rest)
  expect(mutating?.rest).toMatchObject({ failurePolicy: 'Fail', sideEffects: 'None', admissionReviewVersions: ['v1'] })
})

test('the Pods fit the restricted Pod security standard, and write nothing', () => {
  const template = Object(find('Deployment')).spec.template.spec
  expect(template.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
  for (const container of template.containers)
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
})

test('the role has what reading policies takes, the labels of namespaces, and nothing else', () => {
  const serviceAccount = { namespace: 'verify-images', name: 'webhook' }
  const [role] = minimalRbac({ policies: [], from: 'cluster', serviceAccount })
  const lines = (rules: unknown): readonly string[] =>
    (Array.isArray(rules) ? rules : [])
      .flatMap(({ apiGroups, resources, verbs }) =>
        resources.map((resource: string) => `${verbs.join()} ${resource}.${apiGroups.join()}`),
      )
      .toSorted()
  expect(lines(Reflect.get(find('ClusterRole'), 'rules'))).toEqual(
    [...lines(isObject(role) ? role['rules'] : []), 'get,list,watch namespaces.'].toSorted(),
  )
})
