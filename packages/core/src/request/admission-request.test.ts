import { describe, expect, test } from 'vitest'
import { readRequest, type ResourceRequest } from './admission-request.ts'

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app', namespace: 'default', labels: { team: 'core' } } }
const read = (resource: unknown, request: object | null = {}): ReturnType<typeof readRequest> =>
  readRequest(resource, request as ResourceRequest)
const invalid = expect.objectContaining({ code: 'VERIFIER_RESOURCE_INVALID' }) as unknown
const withMetadata = (metadata: object): object => ({ ...pod, metadata: { ...pod.metadata, ...metadata } })

describe('input whose rules would silently not match is refused', () => {
  test.each<[string, object]>([
    ['a label that is a number', withMetadata({ labels: { team: 'core', version: 1 } })],
    ['a label that is null', withMetadata({ labels: { team: 'core', version: null } })],
    ['labels that are an array', withMetadata({ labels: ['team'] })],
    ['an annotation that is a boolean', withMetadata({ annotations: { scan: true } })],
    ['an apiVersion of three parts', { ...pod, apiVersion: 'a/b/v1' }],
    ['a namespace that is a number', withMetadata({ namespace: 7 })],
    ['a name that is an array', withMetadata({ name: [] })],
    ['a list of objects', { apiVersion: 'v1', kind: 'List', items: [pod] }],
    ['a list of Pods', { apiVersion: 'v1', kind: 'PodList', items: [pod] }],
    ['a list whose items are misspelt', { apiVersion: 'v1', kind: 'List', item: [pod] }],
    ['a list without items', { apiVersion: 'apps/v1', kind: 'DeploymentList', items: null }],
    ['a list of custom objects', { apiVersion: 'example.com/v1', kind: 'RolloutList', items: {} }],
    ['a hole in an array', { ...pod, spec: { containers: new Array(1) } }],
    ['an array of 2^32-1 holes', { ...pod, spec: { containers: new Array(2 ** 32 - 1) } }],
  ])('%s', (_, resource) => {
    expect(() => read(resource)).toThrow(invalid)
  })

  test.each<[string, object | null]>([
    ['null', null],
    ['an old object without a kind', { operation: 'UPDATE', oldObject: { ...pod, kind: undefined } }],
    ['an old object of another kind', { operation: 'UPDATE', oldObject: { ...pod, kind: 'Service' } }],
    ['an old object of another namespace', { operation: 'UPDATE', oldObject: withMetadata({ namespace: 'other' }) }],
    ['an operation in lower case', { operation: 'create' }],
    ['a kind without a name', { kind: { group: '', version: 'v1' } }],
    ['a kind that is a string', { kind: 'Pod' }],
    ["a kind that is not the object's", { kind: { group: '', version: 'v1', kind: 'ConfigMap' } }],
    ['a kind of another group', { kind: { group: 'apps', version: 'v1', kind: 'Pod' } }],
    ['a requester that is a string', { userInfo: 'jane' }],
    ['a user name that is a number', { userInfo: { username: 7 } }],
    ['groups that are a string', { userInfo: { groups: 'dev' } }],
    ['a group that is a number', { userInfo: { groups: ['dev', 7] } }],
    ['roles that are a string', { roles: 'default:admin' }],
    ['namespace labels that are not strings', { namespaceLabels: { team: 1 } }],
    ['a subresource that is an object', { subresource: {} }],
  ])('the request is refused with %s', (_, request) => {
    expect(() => read(pod, request)).toThrow(invalid)
  })

  test('control: the request of an API server is read', () => {
    const kind = { group: '', version: 'v1', kind: 'Pod' }
    const request = {
      operation: 'UPDATE',
      userInfo: { username: 'jane', groups: ['dev'], extra: { scopes: ['a'] } },
      roles: ['default:admin'],
      namespaceLabels: { team: 'core' },
    }
    expect(read(pod, { ...request, kind })).toMatchObject({ ...request, gvk: kind })
    expect(read(withMetadata({ labels: null, annotations: {} })).object).toBeDefined()
    expect(read({ apiVersion: 'example.com/v1', kind: 'AllowList', spec: {} }).gvk.kind).toBe('AllowList')
    expect(read(pod, { kind: { group: '', version: 'v1', kind: 'Binding' }, subresource: 'binding' }).gvk.kind).toBe(
      'Binding',
    )
  })
})

test('later changes of the caller to the request have no effect', () => {
  const request = {
    userInfo: { username: 'jane', groups: ['dev'] },
    roles: ['a:b'],
    namespaceLabels: { team: 'core' },
    kind: { group: '', version: 'v1', kind: 'Pod' },
  }
  const taken = read(pod, request)
  const before = JSON.stringify(taken)
  request.userInfo.groups.push('system:masters')
  request.roles.length = 0
  request.namespaceLabels.team = 'web'
  request.kind.kind = 'Node'
  expect(JSON.stringify(taken)).toBe(before)
})
