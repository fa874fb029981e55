import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as api from './index.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

test('the example of the README does what it says', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'prod', labels: { app: 'web' } } }
  const rule = {
    name: 'signed',
    match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['prod*'] } }] },
    exclude: { any: [{ resources: { selector: { matchLabels: { app: 'legacy-*' } } } }] },
  }
  const request = {
    object: pod,
    operation: 'CREATE',
    gvk: { group: '', version: 'v1', kind: 'Pod' },
    subresource: '',
    namespaceLabels: {},
    userInfo: { username: 'alice', groups: ['dev'] },
    roles: [],
    clusterRoles: [],
  }
  expect(api.matchRule(rule, request)).toEqual({ matched: true })
  expect(
    api.matchRule(rule, { ...request, oldObject: undefined, namespace: undefined, policyNamespace: undefined }),
  ).toEqual({ matched: true })
  expect(api.matchRule({ ...rule, match: { resources: { kinds: ['Job'] } } }, request)).toEqual({
    matched: false,
    reason: 'rule signed not matched:\n 1. kind does not match [Job]',
  })
})

test('the README names every function', () => {
  for (const name of Object.keys(api)) expect(readme).toContain(name)
})
