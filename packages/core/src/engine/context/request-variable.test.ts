import { describe, expect, test } from 'vitest'
import { readRequest } from '../../request/admission-request.ts'
import { requestVariable } from './request-variable.ts'

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app', namespace: 'default' } }
const kind = { group: '', version: 'v1', kind: 'Pod' }
const variable = (resource: object, request: object = {}): object => {
  const read = readRequest(resource, request)
  return requestVariable(read, read.object)
}

const resource = { group: '', version: 'v1', resource: 'pods' }
const usual = {
  resource,
  requestKind: kind,
  requestResource: resource,
  options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
}

test('the variable `request` lacks empty members, and missing objects are null, as in a review', () => {
  expect(variable({ ...pod, metadata: { generateName: 'app-' } })).toEqual({
    ...usual,
    uid: '',
    kind,
    operation: 'CREATE',
    userInfo: {},
    dryRun: false,
    object: { ...pod, metadata: { generateName: 'app-' } },
    oldObject: null,
  })
  expect(variable(pod, { operation: 'DELETE' })).toMatchObject({ object: null, oldObject: pod })
})

test('the variable `request` has the stated members', () => {
  const userInfo = { username: 'jane', uid: '7', groups: ['dev'], extra: { scopes: ['a'] } }
  expect(
    variable(pod, {
      uid: 'u',
      operation: 'UPDATE',
      oldObject: pod,
      userInfo,
      roles: ['default:admin'],
      clusterRoles: ['view'],
      subresource: 'ephemeralcontainers',
      dryRun: true,
    }),
  ).toEqual({
    ...usual,
    options: { ...usual.options, kind: 'UpdateOptions' },
    requestSubResource: 'ephemeralcontainers',
    uid: 'u',
    kind,
    subResource: 'ephemeralcontainers',
    name: 'app',
    namespace: 'default',
    operation: 'UPDATE',
    userInfo,
    roles: ['default:admin'],
    clusterRoles: ['view'],
    dryRun: true,
    synchronize: true,
    object: pod,
    oldObject: pod,
  })
})

describe('further members of the AdmissionRequest', () => {
  const admission = { name: 'app', resource: { group: '', version: 'v2', resource: 'pods' }, options: null }

  test('the variable `request` has further members that were stated, and the name of the request', () => {
    expect(variable({ ...pod, metadata: {} }, { admission })).toMatchObject(admission)
    expect(variable(pod, { admission: { requestSubResource: '' } })).not.toHaveProperty('requestSubResource')
    expect(variable(pod, { operation: 'CONNECT' })).toMatchObject({ options: null })
  })

  test('further members of the request do not repeat those of the object', () => {
    expect(
      variable(pod, {
        admission: { ...admission, namespace: 'kube-system', object: {}, userInfo: { username: 'admin' } },
      }),
    ).toMatchObject({ namespace: 'default', object: pod, userInfo: {} })
  })
})

test.each([
  ['Pod', 'pods'],
  ['Ingress', 'ingresses'],
  ['NetworkPolicy', 'networkpolicies'],
])('the resource of a %s is %s', (name, plural) => {
  expect(variable({ ...pod, kind: name })).toMatchObject({
    resource: { resource: plural },
    requestResource: { resource: plural },
  })
})

test('the variable `request` of a background scan has no requester', () => {
  expect(requestVariable({ ...readRequest(pod, {}), scanned: true }, pod)).toEqual({
    object: pod,
    namespace: 'default',
    operation: 'CREATE',
  })
})
