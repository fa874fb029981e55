import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'
import { UsageError } from './cli-error.ts'

test('reads a command line as people write it', () => {
  expect(
    readArguments([
      'apply',
      'a.yaml',
      'b.yaml',
      '--resource',
      'pod.yaml',
      '--resource',
      '-',
      '--insecure-registry',
      'localhost:5000',
      '--namespace-label',
      'team=core',
      '--registry-endpoint',
      'registry.local:5000=http://127.0.0.1:1',
      '--output=json',
      '--deadline',
      '2.5',
    ]),
  ).toMatchObject({
    command: 'apply',
    policies: ['a.yaml', 'b.yaml'],
    resources: ['pod.yaml', '-'],
    operation: 'CREATE',
    insecureRegistries: ['localhost:5000'],
    namespaceLabels: { team: 'core' },
    endpoints: new Map([['registry.local:5000', 'http://127.0.0.1:1']]),
    output: 'json',
    deadlineMs: 2500,
    explain: false,
  })
})

test('explain is apply with the whole tree', () => {
  expect(readArguments(['explain', 'a.yaml', '--image', 'x'])).toMatchObject({ command: 'apply', explain: true })
})

test('tree takes images', () => {
  expect(readArguments(['tree', 'registry.test/app:1'])).toMatchObject({
    command: 'tree',
    images: ['registry.test/app:1'],
  })
})

test('the choices that are not made are those of a cluster, and revocation is asked for', () => {
  expect(readArguments(['apply', 'a.yaml', '--image', 'x'])).toMatchObject({
    unmatched: 'admit',
    platforms: 'index',
    namespace: undefined,
    revocationHosts: [],
  })
  expect(
    readArguments([
      'apply',
      'a.yaml',
      '--image',
      'x',
      '--unmatched',
      'refuse',
      '-n',
      'prod',
      '--platforms',
      'linux/amd64,linux/arm/v7',
      '--revocation-host',
      'ca.corp',
    ]),
  ).toMatchObject({
    unmatched: 'refuse',
    platforms: ['linux/amd64', 'linux/arm/v7'],
    namespace: 'prod',
    revocationHosts: ['ca.corp'],
  })
  expect(
    readArguments(['apply', 'a.yaml', '--image', 'x', '--platforms', 'any-child', '--no-revocation-requests']),
  ).toMatchObject({ platforms: 'any-child', revocationHosts: undefined })
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
  [
    'hosts of requests that are not made',
    ['apply', 'a.yaml', '--image', 'x', '--no-revocation-requests', '--revocation-host', 'ca.corp'],
  ],
])('refuses %s', (_, argv) => {
  expect(() => readArguments(argv)).toThrow(UsageError)
})

const image = ['apply', 'a.yaml', '--image', 'x']

test.each<readonly [readonly string[], string]>([
  [
    [...image, '--namespace', ' prod'],
    '--namespace is ` prod`, expected up to 63 lowercase letters, digits and hyphens',
  ],
  [[...image, '--namespace', 'Prod'], '--namespace is `Prod`'],
  [[...image, '--namespace=-prod'], '--namespace is `-prod`'],
  [[...image, '-n', 'p'.repeat(64)], '--namespace is `ppp'],
  [[...image, '--namespace', ''], '--namespace is empty, as a variable is that has not been set'],
  [['apply', 'a.yaml', '--resource', ''], '--resource is empty'],
  [['apply', 'a.yaml', '--image', ''], '--image is empty'],
  [['apply', '', '--image', 'x'], 'an argument is empty'],
  [['tree', 'x', ''], 'an argument is empty'],
  [[...image, '--unmatched', 'refuse', '--unmatched', 'admit'], '--unmatched is given twice'],
  [[...image, '-n', 'a', '--namespace', 'a'], '--namespace is given twice'],
  [['tree', 'x', '--deadline=1', '--deadline=2'], '--deadline is given twice'],
  [[...image, '--version'], '--version is given beside something else'],
  [[...image, '-h'], '--help is given beside something else'],
  [['apply', 'a.yaml', '--help'], '--help is given beside something else'],
  [['tree', '--help', '--output', 'json'], '--help is given beside something else'],
  [['--version', 'foo'], '--version is given beside something else'],
  [['apply', '--version'], '--version is given beside something else'],
  [['foo', '--help'], '--help is given beside something else'],
  [['--help', '--version'], '--help is given beside something else'],
  [[...image, '--old-object', 'b.yaml'], '--old-object is about an object; give --resource'],
  [
    [
      'apply',
      'a.yaml',
      '--resource',
      'b.yaml',
      '--resource',
      'c.yaml',
      '--operation',
      'UPDATE',
      '--old-object',
      'b.yaml',
    ],
    '--old-object is what one object was; give --resource once',
  ],
  [
    ['apply', 'a.yaml', '--resource', 'b.yaml', '--old-object', 'b.yaml'],
    '--old-object is what the object was before an UPDATE; give --operation UPDATE',
  ],
  [[...image, '--revocation-host', 'http://a'], '--revocation-host is `http://a`, expected host[:port]'],
  [[...image, '--revocation-host', 'a/ocsp'], '--revocation-host is `a/ocsp`'],
  [[...image, '--revocation-host', 'a:80'], '--revocation-host is `a:80`'],
])('says what is wrong with %j', (argv, message) => {
  expect(() => readArguments(argv)).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID', message: expect.stringContaining(message) as string }),
  )
})

test('help and the version are asked for alone; help may name the command', () => {
  for (const argv of [['--help'], ['-h'], ['apply', '--help'], ['tree', '-h']])
    expect(readArguments(argv)).toEqual({ command: 'help' })
  expect(readArguments(['--version'])).toEqual({ command: 'version' })
})

test('names as long as they may be, and hosts as URLs have them', () => {
  expect(
    readArguments([
      ...image,
      '--namespace',
      `p-${'1'.repeat(61)}`,
      '--revocation-host',
      'CA.corp:8080',
      '--revocation-host',
      '[fd00::1]:8080',
    ]),
  ).toMatchObject({ namespace: `p-${'1'.repeat(61)}`, revocationHosts: ['CA.corp:8080', '[fd00::1]:8080'] })
})
