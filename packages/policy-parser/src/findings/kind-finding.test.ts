import { expect, test } from 'vitest'
import { kindFinding } from './kind-finding.ts'

test.each([
  ['pod', 'Pod'],
  ['POD', 'Pod'],
  ['Podd', 'Pod'],
  ['Pods', 'Pod'],
  ['Po', 'Pod'],
  ['Pud', 'Pod'],
  ['v1/pod', 'Pod'],
  ['pod/status', 'Pod'],
  ['Deploymnet', 'Deployment'],
  ['deployments', 'Deployment'],
  ['apps/v1/Deploymnt', 'Deployment'],
  ['Statefulset', 'StatefulSet'],
  ['daemonset', 'DaemonSet'],
  ['Jbo', 'Job'],
])('suggests for %s the kind %s', (selector, kind) => {
  expect(kindFinding(selector)).toMatch(new RegExp(`is not a kind of Kubernetes: did you mean ${kind}`))
})

test.each([
  'Pod',
  'v1/Pod',
  'Pod/ephemeralcontainers',
  'apps/v1/Deployment',
  'CronJob',
  '*',
  'P?d',
  'Pod*',
  'Service',
  'Node',
  'Rollout',
  'PodTemplate',
  'example.com/v1/Jot',
  'argoproj.io/v1alpha1/Pods',
  '',
])('accepts the kind %j', (selector) => {
  expect(kindFinding(selector)).toBeUndefined()
})
