import { expect, test } from 'vitest'
import { readArguments, UsageError } from './arguments.ts'

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
])('refuses %s', (_, argv) => {
  expect(() => readArguments(argv)).toThrow(UsageError)
})
