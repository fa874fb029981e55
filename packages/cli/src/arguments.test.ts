import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'
import { UsageError } from './cli-error.ts'

test('reads a command line as people write it', () => {
  expect(readArguments([
    'apply', 'a.yaml', 'b.yaml', '--resource', 'pod.yaml', '--resource', '-', '--insecure-registry', 'localhost:5000', '--namespace-label', 'team=core',
    '--registry-endpoint', 'registry.local:5000=http://127.0.0.1:1', '--output=json', '--deadline', '2.5',
  ])).toMatchObject({
    command: 'apply', policies: ['a.yaml', 'b.yaml'], resources: ['pod.yaml', '-'], operation: 'CREATE', insecureRegistries: ['localhost:5000'],
    namespaceLabels: { team: 'core' }, endpoints: new Map([['registry.local:5000', 'http://127.0.0.1:1']]), output: 'json', deadlineMs: 2500, explain: false,
  })
})

test('explain is apply with the whole tree', () => {
  expect(readArguments(['explain', 'a.yaml', '--image', 'x'])).toMatchObject({ command: 'apply', explain: true })
})

test('tree takes images', () => {
  expect(readArguments(['tree', 'registry.test/app:1'])).toMatchObject({ command: 'tree', images: ['registry.test/app:1'] })
})

test('the choices that are not made are those of a cluster, and revocation is asked for', () => {
  expect(readArguments(['apply', 'a.yaml', '--image', 'x'])).toMatchObject({ unmatched: 'admit', platforms: 'index', namespace: undefined, revocationHosts: [] })
  expect(readArguments(['apply', 'a.yaml', '--image', 'x', '--unmatched', 'refuse', '-n', 'prod', '--platforms', 'linux/amd64,linux/arm/v7', '--revocation-host', 'ca.corp']))
    .toMatchObject({ unmatched: 'refuse', platforms: ['linux/amd64', 'linux/arm/v7'], namespace: 'prod', revocationHosts: ['ca.corp'] })
  expect(readArguments(['apply', 'a.yaml', '--image', 'x', '--platforms', 'any-child', '--no-revocation-requests'])).toMatchObject({ platforms: 'any-child', revocationHosts: undefined })
})

test.each([
  ['no command', []],
  ['an unknown command', ['verify', 'a.yaml']],
  ['no policy', ['apply', '--image', 'x']],
  ['nothing to judge', ['apply', 'a.yaml']],
  ['an unknown option', ['apply', 'a.yaml', '--image', 'x', '--insecure']],
  ['standard input twice', ['apply', '-', '--resource', '-']],
  ['a label without a value', ['apply', 'a.yaml', '--image', 'x', '--namespace-label', 'team']],
  ['an unknown operation', ['apply', 'a.yaml', '--image', 'x', '--operation', 'PATCH']],
  ['a deadline that is no number', ['apply', 'a.yaml', '--image', 'x', '--deadline', 'soon']],
  ['a deadline of none', ['apply', 'a.yaml', '--image', 'x', '--deadline', '0']],
  ['tree without an image', ['tree']],
  ['standard input twice, whatever for', ['apply', 'a.yaml', '--resource', '-', '--exception', '-']],
  ['a label twice', ['apply', 'a.yaml', '--image', 'x', '--namespace-label', 'a=1', '--namespace-label', 'a=2']],
  ['platforms that are none', ['apply', 'a.yaml', '--image', 'x', '--platforms', 'anychild']],
  ['an empty platform', ['apply', 'a.yaml', '--image', 'x', '--platforms', 'linux/amd64,']],
  ['an unknown answer to unmatched', ['apply', 'a.yaml', '--image', 'x', '--unmatched', 'deny']],
  ['tree with what is judged', ['tree', 'x', '--resource', 'a.yaml']],
  ['tree with what is trusted', ['tree', 'x', '--no-revocation-requests']],
  ['a report of explain', ['explain', 'a.yaml', '--image', 'x', '--report']],
  ['a report as text', ['apply', 'a.yaml', '--image', 'x', '--report', '--output', 'text']],
  ['an operation without an object', ['apply', 'a.yaml', '--image', 'x', '--operation', 'UPDATE']],
  ['an old object without an object', ['apply', 'a.yaml', '--image', 'x', '--old-object', 'b.yaml']],
  ['an old object of what is created', ['apply', 'a.yaml', '--resource', 'b.yaml', '--old-object', 'b.yaml']],
  ['an old object of several', ['apply', 'a.yaml', '--resource', 'b.yaml', '--resource', 'c.yaml', '--operation', 'UPDATE', '--old-object', 'b.yaml']],
  ['hosts of requests that are not made', ['apply', 'a.yaml', '--image', 'x', '--no-revocation-requests', '--revocation-host', 'ca.corp']],
])('refuses %s', (_, argv) => {
  expect(() => readArguments(argv)).toThrow(UsageError)
})
