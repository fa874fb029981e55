import { expect, test } from 'vitest'
import { readArguments } from './read-arguments.ts'
import { UsageError } from '../cli-error.ts'

test('parses a command line as people write it', () => {
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
      '--image-deadline',
      '2.5',
      '--deadline=60',
    ]),
  ).toMatchObject({
    command: 'apply',
    policies: { kind: 'files', paths: ['a.yaml', 'b.yaml'] },
    resources: ['pod.yaml', '-'],
    operation: undefined,
    insecureRegistries: ['localhost:5000'],
    tokenServers: new Map(),
    caFile: undefined,
    insecureCredentials: false,
    namespaceLabels: { team: 'core' },
    endpoints: new Map([['registry.local:5000', 'http://127.0.0.1:1']]),
    output: 'json',
    deadlines: { totalMs: 60_000, eachMs: 2500 },
    detail: 'summary',
  })
})

test('reads explain as apply with all details', () => {
  expect(readArguments(['explain', 'a.yaml', '--image', 'x'])).toMatchObject({ command: 'apply', detail: 'all' })
})

test('reads a format for standard output, and one for each file', () => {
  const outputsOf = (...options: readonly string[]): unknown => readArguments(['lint', 'a.yaml', ...options])
  expect(outputsOf()).toMatchObject({ output: 'text', outputFiles: [] })
  expect(outputsOf('-o', 'sarif=a=b.sarif')).toMatchObject({
    output: 'text',
    outputFiles: [{ format: 'sarif', file: 'a=b.sarif' }],
  })
  expect(outputsOf('-o', 'json=a', '-o', 'github', '-o', 'json=b')).toMatchObject({
    output: 'github',
    outputFiles: [
      { format: 'json', file: 'a' },
      { format: 'json', file: 'b' },
    ],
  })
})

test('reads images of `image` from operands and files', () => {
  expect(
    readArguments([
      'image',
      'r.test/a:1',
      'r.test/b:1',
      '--policy',
      'a.yaml',
      '--images-from',
      'list.txt',
      '--concurrency',
      '3',
    ]),
  ).toMatchObject({
    command: 'apply',
    policies: { kind: 'files', paths: ['a.yaml'] },
    images: ['r.test/a:1', 'r.test/b:1'],
    imageFiles: ['list.txt'],
    concurrency: 3,
  })
})

test('reads who must have signed, with the names of cosign', () => {
  const signerOf = (...options: readonly string[]): unknown => readArguments(['verify', 'r.test/a:1', ...options])
  expect(
    signerOf(
      ...['--certificate-identity-regexp', '^https://github.com/acme/'],
      ...['--certificate-oidc-issuer', 'https://token.actions.githubusercontent.com'],
    ),
  ).toMatchObject({
    policies: {
      kind: 'signer',
      signer: {
        identity: { value: '^https://github.com/acme/', isPattern: true },
        issuer: { value: 'https://token.actions.githubusercontent.com', isPattern: false },
        ignoreTransparencyLog: false,
      },
    },
  })
  expect(signerOf('--key', 'a.pub', '--insecure-ignore-tlog', '--attestation', 'vuln')).toMatchObject({
    policies: { signer: { key: 'a.pub', ignoreTransparencyLog: true, attestation: 'vuln' } },
  })
})

test('reads the user of the request', () => {
  expect(
    readArguments([
      ...['apply', 'a.yaml', '--image', 'x', '--user', 'alice', '--groups', 'a,b', '--groups', 'c'],
      ...['--roles', 'team:dev', '--cluster-roles', 'admin'],
    ]),
  ).toMatchObject({
    requester: {
      userInfo: { username: 'alice', groups: ['a', 'b', 'c'] },
      roles: ['team:dev'],
      clusterRoles: ['admin'],
    },
  })
  expect(readArguments(['apply', 'a.yaml', '--image', 'x'])).toMatchObject({ requester: {} })
})

test('takes the operands of tree as images', () => {
  expect(readArguments(['tree', 'registry.test/app:1'])).toMatchObject({
    command: 'tree',
    images: ['registry.test/app:1'],
  })
})

test('defaults to what a cluster does, with revocation requests', () => {
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
  ['an unknown command', ['check', 'a.yaml']],
  ['verify without a signer', ['verify', 'x']],
  ['verify with an identity of any issuer', ['verify', 'x', '--certificate-identity', 'a']],
  ['verify with an issuer and any identity', ['verify', 'x', '--certificate-oidc-issuer', 'a']],
  ['verify with a key and an identity', ['verify', 'x', '--key', 'a', '--certificate-identity', 'a']],
  [
    'verify with an identity twice',
    [
      'verify',
      'x',
      '--certificate-identity',
      'a',
      '--certificate-identity-regexp',
      'a',
      '--certificate-oidc-issuer',
      'b',
    ],
  ],
  ['verify with a log that keys do not use', ['verify', 'x', '--key', 'a', '--insecure-ignore-sct']],
  ['verify without an image', ['verify', '--key', 'a']],
  ['image without a policy', ['image', 'x']],
  ['no concurrency at all', ['apply', 'a.yaml', '--image', 'x', '--concurrency', '0']],
  ['no policy', ['apply', '--image', 'x']],
  ['nothing to verify', ['apply', 'a.yaml']],
  ['an unknown option', ['apply', 'a.yaml', '--image', 'x', '--insecure']],
  ['standard input twice', ['apply', '-', '--resource', '-']],
  ['a label without a value', ['apply', 'a.yaml', '--image', 'x', '--namespace-label', 'team']],
  ['an unknown operation', ['apply', 'a.yaml', '--image', 'x', '--operation', 'PATCH']],
  ['a deadline that is not a number', ['apply', 'a.yaml', '--image', 'x', '--deadline', 'soon']],
  ['a deadline of zero', ['apply', 'a.yaml', '--image', 'x', '--deadline', '0']],
  ['tree without an image', ['tree']],
  ['standard input for two options', ['apply', 'a.yaml', '--resource', '-', '--exception', '-']],
  ['a label twice', ['apply', 'a.yaml', '--image', 'x', '--namespace-label', 'a=1', '--namespace-label', 'a=2']],
  ['a misspelt platform choice', ['apply', 'a.yaml', '--image', 'x', '--platforms', 'anychild']],
  ['an empty platform', ['apply', 'a.yaml', '--image', 'x', '--platforms', 'linux/amd64,']],
  ['an unknown answer to unmatched', ['apply', 'a.yaml', '--image', 'x', '--unmatched', 'deny']],
  ['tree with an input option', ['tree', 'x', '--resource', 'a.yaml']],
  ['tree with a trust option', ['tree', 'x', '--no-revocation-requests']],
  ['an unknown format', ['apply', 'a.yaml', '--image', 'x', '--output', 'xml']],
  ['a format of another command', ['tree', 'x', '--output', 'sarif']],
  ['lint without a policy', ['lint']],
  ['lint with an option of other commands', ['lint', 'a.yaml', '--deadline', '1']],
  ['an operation without an object', ['apply', 'a.yaml', '--image', 'x', '--operation', 'UPDATE']],
  [
    'a revocation host without revocation requests',
    ['apply', 'a.yaml', '--image', 'x', '--no-revocation-requests', '--revocation-host', 'ca.corp'],
  ],
])('refuses %s', (_, argv) => {
  expect(() => readArguments(argv)).toThrow(UsageError)
})

const image = ['apply', 'a.yaml', '--image', 'x']

test.each<readonly [readonly string[], string]>([
  [
    [...image, '--namespace', ' prod'],
    '--namespace: expected up to 63 lowercase letters, digits and hyphens, no hyphen at either end, got ` prod`',
  ],
  [[...image, '--namespace', 'Prod'], 'got `Prod`'],
  [[...image, '--namespace=-prod'], 'got `-prod`'],
  [[...image, '-n', 'p'.repeat(64)], 'got `ppp'],
  [[...image, '--namespace', ''], '--namespace is empty: is a variable unset?'],
  [['apply', 'a.yaml', '--resource', ''], '--resource is empty'],
  [['apply', 'a.yaml', '--image', ''], '--image is empty'],
  [['apply', '', '--image', 'x'], 'an argument is empty'],
  [['tree', 'x', ''], 'an argument is empty'],
  [[...image, '--unmatched', 'refuse', '--unmatched', 'admit'], '--unmatched is given twice'],
  [[...image, '-n', 'a', '--namespace', 'a'], '--namespace is given twice'],
  [['tree', 'x', '--deadline=1', '--deadline=2'], '--deadline is given twice'],
  [[...image, '--version'], '--version must be given alone'],
  [['--version', 'foo'], '--version must be given alone'],
  [['apply', '--version'], '--version must be given alone'],
  [['apply', 'a.yaml', '--', '-h'], 'nothing to verify'],
  [['apply', 'a.yaml', '--imag', 'x'], 'unknown option `--imag`: did you mean --image?'],
  [['apply', 'a.yaml', '--insecure', 'x'], 'or --insecure-credentials?'],
  [['apply', 'a.yaml', '--__proto__', 'x'], 'unknown option `--__proto__`'],
  [['apply', 'a.yaml', '-x'], 'unknown option `-x`'],
  [['apply', 'a.yaml', '--image'], '--image: expected <reference>, got nothing'],
  [
    ['apply', 'a.yaml', '--image', '--version'],
    '--image: expected <reference>, got the option `--version`; write --image=--version if that is the value',
  ],
  [['apply', 'a.yaml', '--image', 'x', '--version=yes'], '--version must be given alone'],
  [['tree', 'x', '--resource', 'a.yaml'], '--resource: expected an option of `tree`, got one of `apply`, `explain`'],
  [
    ['lint', 'a.yaml', '--output', 'json', '-o', 'sarif'],
    '--output: sarif: standard output has a format already: write --output sarif=<file>',
  ],
  [['lint', 'a.yaml', '-o', 'json=a', '-o', 'sarif=a'], '--output names `a` twice'],
  [['lint', 'a.yaml', '-o', 'json='], '--output: the name of the file is empty: is a variable unset?'],
  [['lint', 'a.yaml', '-o', 'json=-'], '--output: expected a file after `=`, got `-`; without it: standard output'],
  [['lint', 'a.yaml', '-o', 'xml=a'], '--output: expected one of text, json, sarif, github, got `xml`'],
  [['lint', 'a.yaml', '--output', 'junit'], '--output: expected one of text, json, sarif, github, got `junit`'],
  [[...image, '--deadline', '0'], '--deadline: expected a number of seconds above 0 and up to 86400, got `0`'],
  [[...image, '--deadline', '1e9'], 'got `1e9`'],
  [[...image, '--namespace-label', 'team'], '--namespace-label: expected <key=value>, got `team`'],
  [[...image, '--registry-endpoint', '=a'], '--registry-endpoint: expected <host=url>, got `=a`'],
  [[...image, '--old-object', 'b.yaml'], '--old-object needs --resource'],
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
    '--old-object pairs with exactly one --resource; with several the pairing is ambiguous',
  ],
  [['apply', 'a.yaml', '--resource', 'b.yaml', '--old-object', 'b.yaml'], '--old-object needs --operation UPDATE'],
  [
    [...image, '--revocation-host', 'http://a'],
    '--revocation-host: expected host[:port] without the default port of http or https, got `http://a`',
  ],
  [[...image, '--revocation-host', 'a/ocsp'], 'got `a/ocsp`'],
  [[...image, '--revocation-host', 'a:80'], 'got `a:80`'],
])('rejects %j with a message that says why', (argv, message) => {
  expect(() => readArguments(argv)).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID', message: expect.stringContaining(message) as string }),
  )
})

test('reads -h anywhere as a request for help, and --version alone as one for the version', () => {
  for (const argv of [
    ['--help'],
    ['-h'],
    ['help'],
    ['apply', '--help'],
    [...image, '-h'],
    ['foo', '--bar', '-h'],
    ['-h', '--version'],
  ])
    expect(readArguments(argv)).toMatchObject({ command: 'help', text: expect.stringContaining('Usage:') as string })
  expect(readArguments(['--version'])).toEqual({ command: 'version' })
})

test.each([
  [['aply', 'a.yaml'], 'unknown command `aply`: did you mean apply?'],
  [['veriffy', 'x'], 'unknown command `veriffy`: did you mean verify?'],
  [['frobnicate'], 'unknown command `frobnicate`: expected one of apply, explain, image'],
  [[...image, '--unmached', 'refuse'], 'unknown option `--unmached`: did you mean --unmatched?'],
  [['lint', 'a.yaml', '--outptu', 'json'], 'unknown option `--outptu`: did you mean --output?'],
  [['trust', 'shw'], 'unknown command `shw`: did you mean show?'],
  [['trust'], 'expected a command of `trust`, one of show, refresh, export, got none'],
  [['apply'], 'missing required argument `policy`'],
  [['completion', 'tcsh'], 'completion: expected one of bash, zsh, fish, got `tcsh`'],
  [['completion', 'bash', 'zsh'], 'too many arguments'],
  [['trust', 'refresh'], '`trust refresh` needs --cache-folder <folder>'],
])('names the nearest option or command for %j', (argv, message) => {
  expect(() => readArguments(argv)).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID', message: expect.stringContaining(message) as string }),
  )
})

test.each<readonly [readonly string[], object]>([
  [['--at', '2026-01-31T12:00:00+02:00'], { at: new Date('2026-01-31T10:00:00Z') }],
  [['--at', '2026-01-31'], { at: new Date('2026-01-31T00:00:00Z') }],
  [['--shard', '2/20'], { shard: { index: 2, count: 20 } }],
  [[], { shard: { index: 0, count: 1 }, at: undefined, proxy: undefined, concurrency: 16 }],
  [['--proxy', 'http://proxy.test:3128'], { proxy: 'http://proxy.test:3128' }],
  [['--proxy=none'], { proxy: 'none' }],
  [['--quiet'], { detail: 'quiet' }],
  [['--verbose'], { detail: 'verbose' }],
  [['--values', 'v.yaml', '--userinfo', 'u.yaml'], { valuesFile: 'v.yaml', userInfoFile: 'u.yaml' }],
])('reads %j', (options, expected) => {
  expect(readArguments([...image, ...options])).toMatchObject(expected)
})

test.each([
  [['--at', 'yesterday'], '--at: expected a time such as 2026-01-31T12:00:00Z, got `yesterday`'],
  [['--at', '2026-02-31T12:00:00'], '--at: expected a time'],
  [['--at', '2026-13-01'], '--at: expected a time'],
  [['--shard', '20/20'], '--shard: expected i/n with i from 0 to n-1, got `20/20`'],
  [['--shard', '1'], 'got `1`'],
  [['--shard', '0/0'], 'got `0/0`'],
  [['--proxy', 'socks5://u:s3cret@proxy.test'], '--proxy: expected none, http://host:port or https://host:port'],
  [['--quiet', '--verbose'], '--quiet has no effect with --verbose'],
  [['--user', 'a', '--userinfo', 'u.yaml'], '--userinfo and --user exclude each other'],
  [['--groups', 'a,,b'], '--groups: a name is empty'],
])('rejects %j', (options, message) => {
  expect(() => readArguments([...image, ...options])).toThrow(message)
})

test('accepts the longest namespace, and hosts as URLs spell them', () => {
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
