import { expect, test } from 'vitest'
import { loadRequestFacts, parseUserInfo, parseValues } from './request-facts.ts'
import { memoryIO } from './testing/memory-io.ts'

const VALUES = `
apiVersion: cli.kyverno.io/v1alpha1
kind: Values
metadata: { name: values }
globalValues: { request.operation: UPDATE }
namespaceSelector:
  - name: prod
    labels: { tier: gold }
namespaces:
  - apiVersion: v1
    kind: Namespace
    metadata: { name: test, labels: { tier: none } }
`
const USER = `
apiVersion: cli.kyverno.io/v1alpha1
kind: UserInfo
metadata: { name: alice }
roles: ['prod:deployer']
clusterRoles: [admin]
userInfo: { username: alice, groups: [dev] }
`

test('reads the namespaces and the operation of a values file', () => {
  expect(parseValues(VALUES, 'v.yaml')).toEqual({
    operation: 'UPDATE',
    namespaces: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod', labels: { tier: 'gold' } } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test', labels: { tier: 'none' } } },
    ],
  })
})

test('reads the requester of a user file', () => {
  expect(parseUserInfo(USER, 'u.yaml')).toEqual({
    userInfo: { username: 'alice', groups: ['dev'] },
    roles: ['prod:deployer'],
    clusterRoles: ['admin'],
  })
})

test('options count before files', async () => {
  const { io } = memoryIO(new Map(Object.entries({ 'v.yaml': VALUES, 'u.yaml': USER })))
  const files = { userInfoFile: 'u.yaml', valuesFile: 'v.yaml' }
  expect(await loadRequestFacts({ requester: {}, operation: undefined, ...files }, io)).toMatchObject({
    operation: 'UPDATE',
    requester: { roles: ['prod:deployer'] },
  })
  expect(await loadRequestFacts({ requester: { roles: ['a:b'] }, operation: 'CREATE', ...files }, io)).toMatchObject({
    operation: 'CREATE',
    requester: { roles: ['a:b'], clusterRoles: ['admin'] },
  })
})

test.each([
  [
    'values of context variables',
    'policies: [{ name: a }]',
    'policies: not supported; pass what rules read as objects',
  ],
  ['a misspelt field', 'namespaceSelectors: []', 'unsupported field `namespaceSelectors`'],
  ['a variable that rules do not match by', 'globalValues: { request.namespace: a }', 'unsupported field'],
  ['an unknown operation', 'globalValues: { request.operation: PATCH }', 'expected one of CREATE'],
  ['a namespace without a name', 'namespaceSelector: [{ labels: {} }]', 'name: expected a string'],
  ['another kind', 'kind: Pod', 'expected one document of kind Values'],
  ['two documents', 'kind: Values\n---\nkind: Values', 'expected one document of kind Values'],
])('refuses a values file with %s', (_, text, message) => {
  expect(() => parseValues(text, 'v.yaml')).toThrow(`v.yaml`)
  expect(() => parseValues(text, 'v.yaml')).toThrow(message)
})

test('refuses a user file whose groups are not an array of strings', () => {
  expect(() => parseUserInfo('userInfo: { groups: dev }', 'u.yaml')).toThrow(
    'u.yaml: userInfo.groups: VERIFIER_RESOURCE_INVALID: expected an array of strings',
  )
  expect(() => parseUserInfo('userInfo: { name: dev }', 'u.yaml')).toThrow('unsupported field `name`')
})
