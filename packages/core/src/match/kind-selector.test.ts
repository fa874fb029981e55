import { expect, test } from 'vitest'
import { matchesKind } from './kind-selector.ts'

const POD = { group: '', version: 'v1', kind: 'Pod' }
const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' }

test.each([
  ['Pod', POD, '', true],
  ['pod', POD, '', false],
  ['P?d', POD, '', true],
  ['Pod', POD, 'status', false],
  ['Pod', POD, 'ephemeralcontainers', true],
  ['Pod/status', POD, 'ephemeralcontainers', true],
  // Version `*`, any kind, subresource `Deployment`.
  ['*/*/Deployment', POD, 'ephemeralcontainers', true],
  ['apps/v1/Pod', POD, 'ephemeralcontainers', false],
  ['Pod', { ...POD, group: 'example.com' }, 'ephemeralcontainers', false],
  ['Deployment', DEPLOYMENT, '', true],
  ['*/scale', DEPLOYMENT, 'scale', true],
  ['*', DEPLOYMENT, 'scale', false],
  ['*/*', DEPLOYMENT, 'scale', true],
  ['extensions/*/Deployment', DEPLOYMENT, '', false],
])('%s matches %j with subresource %j: %s', (selector, gvk, subresource, expected) => {
  expect(matchesKind(['Nothing', selector], gvk, subresource)).toBe(expected)
})
