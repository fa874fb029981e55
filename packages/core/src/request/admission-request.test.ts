import { describe, expect, test } from 'vitest'
import { readRequest, type ResourceRequest } from './admission-request.ts'

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app', namespace: 'default', labels: { team: 'core' } } }
const read = (resource: unknown, request: object | null = {}): ReturnType<typeof readRequest> =>
  readRequest(resource, request as ResourceRequest)
const invalid = expect.objectContaining({ code: 'VERIFIER_RESOURCE_INVALID' }) as unknown
const withMetadata = (metadata: object): object => ({ ...pod, metadata: { ...pod.metadata, ...metadata } })

describe('what would make a rule pass over the object is refused', () => {
  test.each<[string, object]>([
    ['labels of which one is a number', withMetadata({ labels: { team: 'core', version: 1 } })],
    ['labels of which one is nothing', withMetadata({ labels: { team: 'core', version: null } })],
    ['labels that are a list', withMetadata({ labels: ['team'] })],
    ['annotations of which one is a flag', withMetadata({ annotations: { scan: true } })],
    ['an apiVersion of three parts', { ...pod, apiVersion: 'a/b/v1' }],
    ['a namespace that is a number', withMetadata({ namespace: 7 })],
    ['a name that is a list', withMetadata({ name: [] })],
    ['a list of objects', { apiVersion: 'v1', kind: 'List', items: [pod] }],
    ['a list of Pods', { apiVersion: 'v1', kind: 'PodList', items: [pod] }],
    ['a list whose items are misspelt', { apiVersion: 'v1', kind: 'List', item: [pod] }],
    ['a list of nothing', { apiVersion: 'apps/v1', kind: 'DeploymentList', items: null }],
    ['a list of custom objects', { apiVersion: 'example.com/v1', kind: 'RolloutList', items: {} }],
    ['a gap in a list', { ...pod, spec: { containers: new Array(1) } }],
    ['a list that is longer than memory', { ...pod, spec: { containers: new Array(2 ** 32 - 1) } }],
  ])('%s', (_, resource) => {
    expect(() => read(resource)).toThrow(invalid)
  })

  test.each<[string, object | null]>([
    ['nothing', null],
    ['an old object without a kind', { operation: 'UPDATE', oldObject: { ...pod, kind: undefined } }],
    ['an old object of another kind', { operation: 'UPDATE', oldObject: { ...pod, kind: 'Service' } }],
    ['an old object of another namespace', { operation: 'UPDATE', oldObject: withMetadata({ namespace: 'other' }) }],
    ['an operation in lower case', { operation: 'create' }],
    ['a kind without a name', { kind: { group: '', version: 'v1' } }],
    ['a kind that is a text', { kind: 'Pod' }],
    ['a kind that is another', { kind: { group: '', version: 'v1', kind: 'ConfigMap' } }],
    ['a kind of another group', { kind: { group: 'apps', version: 'v1', kind: 'Pod' } }],
    ['a user who is a text', { userInfo: 'jane' }],
    ['a user name that is a number', { userInfo: { username: 7 } }],
    ['groups that are a text', { userInfo: { groups: 'dev' } }],
    ['a group that is a number', { userInfo: { groups: ['dev', 7] } }],
    ['roles that are a text', { roles: 'default:admin' }],
    ['labels of the namespace that are no texts', { namespaceLabels: { team: 1 } }],
    ['a subresource that is an object', { subresource: {} }],
  ])('as a request: %s', (_, request) => {
    expect(() => read(pod, request)).toThrow(invalid)
  })

  test('control: what the API server sends is read', () => {
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

test('what the caller changes meanwhile is not seen', () => {
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
