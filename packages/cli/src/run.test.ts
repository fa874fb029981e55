import { createSigningWorld, githubWorkflow, vulnerabilities, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXIT, type CommandIO } from './command-io.ts'
import { COMMAND_LIST } from './command-line/commands.ts'
import { commandsOf, OPTION_LIST } from './command-line/options.ts'
import { run } from './run.ts'
import { memoryIO } from './testing/memory-io.ts'

let world: SigningWorld
let files: Map<string, string>
let out: string
let stderr: string[]
let outFiles: Map<string, string>
/** A file that may not be read, and the error of standard output. */
let locked: string | undefined
let unwritable: Error | undefined
let environment: Readonly<Record<string, string>>
/** What else a terminal has. */
let surroundings: Partial<CommandIO>

const fault = (code: string): Error => Object.assign(new Error(code), { code })

beforeEach(async () => {
  world = await createSigningWorld()
  out = ''
  stderr = []
  outFiles = new Map()
  locked = undefined
  unwritable = undefined
  environment = {}
  surroundings = {}
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  world.image('registry.test/app:unsigned')
  files = new Map([
    ['policy.yaml', policy(world.key('release').publicKey)],
    ['signed.yaml', pod('signed')],
    ['unsigned.yaml', pod('unsigned')],
  ])
})
afterEach(() => world.close())

const policy = (publicKey: string, spec = 'validationFailureAction: Enforce', entry = ''): string => `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  ${spec}
  background: false
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*', 'closed.test/*']
          ${entry}
          attestors: [{ entries: [{ keys: { publicKeys: ${JSON.stringify(publicKey)}, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }] }]
`
const pod = (tag: string, host = 'registry.test'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: app, namespace: default }\nspec: { containers: [{ name: ` +
  `main, image: '${host}/app:${tag}' }] }\n`

const verifyImages = (...argv: readonly string[]): Promise<number> =>
  verifyImagesOnly(
    ...argv,
    '--registry-endpoint',
    `registry.test=${world.registry.endpoint}`,
    '--registry-endpoint',
    'closed.test=http://127.0.0.1:9',
  )

async function verifyImagesOnly(...argv: readonly string[]): Promise<number> {
  const { io, written } = memoryIO(files, { environment, ...surroundings })
  const code = await run(argv, {
    ...io,
    readFile: (path) => (locked === path ? Promise.reject(fault('EACCES')) : io.readFile(path)),
    stdout: (data) => {
      if (unwritable !== undefined) throw unwritable
      out += data
    },
  })
  stderr.push(...written.stderr)
  for (const [path, data] of written.files) outFiles.set(path, data)
  return code
}

test('exits with 0 for an admitted object, and prints the pinned digest', async () => {
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml')).toBe(0)
  expect(out).toMatch(
    /^Pod default\/app: admitted: every rule passed\n {2}\/spec\/containers\/0\/image: registry\.test\/app:signed is sha256:[0-9a-f]{64}\n$/,
  )
})

test('exits with 1 for a denied object', async () => {
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'unsigned.yaml')).toBe(1)
  expect(out).toContain('Pod default/app: denied: registry.test/app:unsigned is rejected\n')
})

test('exits with 2 if the registry refuses access, which is not a missing signature', async () => {
  files.set('closed.yaml', pod('1', 'closed.test'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'closed.yaml')).toBe(2)
  expect(out).toContain('could not be checked')
})

test('exits with 1 if one of several objects is denied, even if another could not be checked', async () => {
  files.set('closed.yaml', pod('1', 'closed.test'))
  expect(
    await verifyImages(
      'apply',
      'policy.yaml',
      '--resource',
      'closed.yaml',
      '--resource',
      'unsigned.yaml',
      '--resource',
      'signed.yaml',
    ),
  ).toBe(1)
})

test('exits with 64 for an invalid policy, and says where the problem is', async () => {
  files.set('policy.yaml', policy('x').replace('imageReferences', 'imageReference'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml')).toBe(64)
  expect(stderr.join('\n')).toMatch(
    /policy\.yaml:12:\d+ spec\.rules\[0\]\.verifyImages\[0\]\.imageReference: POLICY_FIELD_UNKNOWN/,
  )
  expect(out).toBe('')
})

test.each<readonly [string, readonly string[], string]>([
  ['a missing file', ['gone.yaml', '--resource', 'signed.yaml'], 'gone.yaml: ENOENT: no such file'],
  [
    'a resource that is not YAML',
    ['policy.yaml', '--resource', 'broken.yaml'],
    'broken.yaml:1:5: POLICY_YAML_INVALID: unexpected end of the stream within a flow collection',
  ],
  [
    'a template',
    ['policy.yaml', '--resource', 'template.yaml'],
    'template.yaml:4:10: POLICY_YAML_INVALID: unsupported map key: expected a string, number or boolean; the ' +
      'file contains `{{`: quote it, or render the template first, for example with `helm template`',
  ],
  [
    'a resource that is not an object',
    ['policy.yaml', '--resource', 'list.yaml'],
    'list.yaml:1:1: VERIFIER_RESOURCE_INVALID: expected a Kubernetes object',
  ],
  [
    'a resource without a kind',
    ['policy.yaml', '--resource', 'nothing.yaml'],
    'nothing.yaml:4:1 (document 2): VERIFIER_RESOURCE_INVALID: resource: expected `apiVersion` and `kind`',
  ],
  [
    'an empty list',
    ['policy.yaml', '--resource', 'empty.yaml'],
    'empty.yaml: VERIFIER_RESOURCE_INVALID: expected at least one object, got none',
  ],
  [
    'an empty list, as kubectl prints it',
    ['policy.yaml', '--resource', 'none.yaml'],
    'none.yaml: VERIFIER_RESOURCE_INVALID: expected at least one object, got none',
  ],
  [
    'an empty standard input, as of a `helm template` that failed',
    ['policy.yaml', '--resource', '-'],
    'standard input: VERIFIER_RESOURCE_INVALID: expected at least one object, got none',
  ],
  [
    'a list of images that has only a comment',
    ['policy.yaml', '--images-from', 'comment.txt'],
    'comment.txt: VERIFIER_RESOURCE_INVALID: expected at least one image reference, got none',
  ],
  [
    'a file of exceptions that has none',
    ['policy.yaml', '--resource', 'signed.yaml', '--exception', 'policy.yaml'],
    'policy.yaml: VERIFIER_RESOURCE_INVALID: expected at least one PolicyException, got none',
  ],
  [
    'an empty file of objects',
    ['policy.yaml', '--resource', 'signed.yaml', '--objects', 'none.yaml'],
    'none.yaml: VERIFIER_RESOURCE_INVALID: expected at least one ConfigMap, Secret, Namespace or role ' +
      'binding, got none',
  ],
  [
    'objects of kinds that policies cannot read',
    ['policy.yaml', '--resource', 'signed.yaml', '--objects', 'signed.yaml'],
    'signed.yaml: VERIFIER_RESOURCE_INVALID: expected at least one ConfigMap, Secret, Namespace or role ' +
      'binding, got none',
  ],
  [
    'a malformed trusted root',
    ['policy.yaml', '--resource', 'signed.yaml', '--trusted-root', 'nothing.yaml'],
    'nothing.yaml: ATTESTOR_TRUST_UNAVAILABLE: cannot parse the trusted root: not JSON',
  ],
  [
    'a malformed image reference, even if no policy matches it',
    ['elsewhere.yaml', '--image', 'registry.test/App'],
    'registry.test/App: IMAGE_REFERENCE_INVALID: bad image: registry.test/App, defaultRegistry: docker.io, ' +
      'enableDefaultRegistryMutation: true: repository name must be lowercase',
  ],
  [
    'several old objects',
    ['policy.yaml', '--resource', 'signed.yaml', '--operation', 'UPDATE', '--old-object', 'two.yaml'],
    'two.yaml: VERIFIER_RESOURCE_INVALID: expected one old object and one resource, got 2 and 1',
  ],
  [
    'an old object for several resources',
    ['policy.yaml', '--resource', 'two.yaml', '--operation', 'UPDATE', '--old-object', 'signed.yaml'],
    'signed.yaml: VERIFIER_RESOURCE_INVALID: expected one old object and one resource, got 1 and 2',
  ],
  [
    'an object in another namespace',
    ['policy.yaml', '--resource', 'signed.yaml', '-n', 'prod'],
    'signed.yaml:1:1: VERIFIER_RESOURCE_INVALID: namespace: expected `prod` as in --namespace, got `default`',
  ],
])('exits with 64 and prints one line for %s', async (_, argv, line) => {
  files
    .set('broken.yaml', 'a: [')
    .set('list.yaml', '- 1')
    .set('template.yaml', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n')
    .set('nothing.yaml', '{ apiVersion: v1, kind: Pod }\n---\n\na: 1\n')
    .set('empty.yaml', 'apiVersion: v1\nkind: PodList\nitems: []\n')
    .set('none.yaml', 'apiVersion: v1\nkind: List\nitems: []\n')
    .set('-', '')
    .set('comment.txt', '# none\n\n')
    .set('two.yaml', `${pod('signed')}---\n${pod('signed')}`)
    .set('elsewhere.yaml', policy('x').replaceAll('registry.test', 'elsewhere.test'))
  expect(await verifyImages('apply', ...argv)).toBe(64)
  expect(stderr).toEqual([`verify-images: ${line}`])
  expect(out).toBe('')
})

test.each([
  ['no command', []],
  [
    'an invalid option value',
    ['apply', 'policy.yaml', '--image', 'registry.test/app:signed', '--registry-endpoint', 'other.test=nowhere'],
  ],
])('exits with 64 for %s, and points to the help', async (_, argv) => {
  expect(await verifyImages(...argv)).toBe(64)
  expect(stderr).toEqual([
    expect.stringMatching(/^verify-images: (?:VERIFIER|REGISTRY)_OPTIONS_INVALID: /),
    'try `verify-images --help`',
  ])
})

test('prints every problem of a policy, with the number of its document', async () => {
  files.set(
    'policy.yaml',
    `${policy('x')}` +
      `---\n${policy('x').replace('imageReferences', 'imageReference').replace('background: false', 'background: maybe')}`,
  )
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml')).toBe(64)
  expect(stderr).toHaveLength(2)
  expect(stderr[0]).toMatch(
    /^verify-images: policy\.yaml:\d+:\d+ \(document 2\) spec\.background: POLICY_FIELD_INVALID: /,
  )
})

test('verifies the items of a list of any kind, as kubectl applies them', async () => {
  const item =
    '{ metadata: { name: app, namespace: default }, spec: { containers: [{ name: main, image: ' +
    '"registry.test/app:TAG" }] } }'
  const list = (tag: string): string => `apiVersion: v1\nkind: PodList\nitems: [${item.replace('TAG', tag)}]\n`
  files.set('bad.yaml', list('unsigned')).set('good.yaml', list('signed'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'bad.yaml')).toBe(1)
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'good.yaml')).toBe(0)
})

test('escapes text of a resource that would fake a verdict or move the cursor', async () => {
  files.set(
    'hostile.yaml',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app\nPod default/app: admitted', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'registry.test/app:1\u001b[2K\nPod default/app: admitted' }] },
    }),
  )
  expect(await verifyImages('explain', 'policy.yaml', '--resource', 'hostile.yaml')).toBe(2)
  expect(`${out}${stderr.join('\n')}`).not.toMatch(/^Pod default\/app: admitted/m)
  expect(`${out}${stderr.join('\n')}`).not.toContain('\u001b')
})

test('prints the verdict as JSON, and warnings to standard error', async () => {
  files.set(
    'policy.yaml',
    policy(world.key('release').publicKey, 'validationFailureAction: Audit', 'mutateDigest: false'),
  )
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'unsigned.yaml', '--output', 'json')).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    schemaVersion: 1,
    verdicts: [
      {
        subject: 'Pod default/app',
        admitted: true,
        outcome: 'rejected',
        rules: [{ status: 'fail' }, { status: 'fail' }],
      },
    ],
  })
  expect(stderr.join('\n')).toContain('warning: Pod default/app: policy signed.check: failed to verify image')
})

test('verifies an image as if a Pod ran it', async () => {
  expect(await verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:signed')).toBe(0)
  expect(out).toMatch(/registry\.test\/app:signed@sha256:[0-9a-f]{64}/)
})

test('explains every rule response with its evidence', async () => {
  await verifyImages('explain', 'policy.yaml', '--image', 'registry.test/app:signed')
  expect(out).toMatch(/\+ cosign-signature over sha256:[0-9a-f]{64} by key [0-9a-f]{64}/)
})

test('prints a report', async () => {
  await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml', '--output', 'policyreport')
  expect(JSON.parse(out)).toMatchObject({
    kind: 'PolicyReport',
    results: [{ policy: 'signed', rule: 'check', result: 'pass' }],
    summary: { pass: 1, fail: 0 },
  })
})

test('prints several reports as one List', async () => {
  await verifyImages(
    'apply',
    'policy.yaml',
    '--resource',
    'signed.yaml',
    '--image',
    'registry.test/app:signed',
    '--image',
    'registry.test/app:unsigned',
    '--output',
    'policyreport',
  )
  expect(JSON.parse(out)).toMatchObject({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { metadata: { name: 'pod-default-app' } },
      { metadata: { name: 'pod-default-image' } },
      { metadata: { name: 'pod-default-image-2' } },
    ],
  })
})

test('image verifies references of a file by a policy, in their order', async () => {
  files.set('images.txt', '# production\nregistry.test/app:unsigned\n\nregistry.test/app:signed # pinned later\n')
  expect(await verifyImages('image', '--policy', 'policy.yaml', '--images-from', 'images.txt')).toBe(1)
  expect(out.match(/^registry\.test\/app:\w+: \w+/gm)).toEqual([
    'registry.test/app:unsigned: denied',
    'registry.test/app:signed: admitted',
  ])
})

test('verify accepts an image that is signed by the key, without a policy', async () => {
  files.set('release.pub', world.key('release').publicKey)
  files.set('mallory.pub', world.key('mallory').publicKey)
  const verify = (key: string, image: string): Promise<number> =>
    verifyImages('verify', image, '--key', key, '--insecure-ignore-tlog')
  expect(await verify('release.pub', 'registry.test/app:signed')).toBe(0)
  expect(out).toMatch(/^ {2}registry\.test\/app:signed@sha256:[0-9a-f]{64}$/m)
  expect(await verify('mallory.pub', 'registry.test/app:signed')).toBe(1)
  expect(await verify('release.pub', 'registry.test/app:unsigned')).toBe(1)
  files.set('none.pub', 'no key')
  expect(await verify('none.pub', 'registry.test/app:signed')).toBe(64)
  expect(stderr.at(-1)).toContain('none.pub: ATTESTOR_POLICY_INVALID: expected a public key in PEM')
  files.set('cosign.key', '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n')
  expect(await verify('cosign.key', 'registry.test/app:signed')).toBe(64)
  expect(stderr.at(-1)).toContain('cosign.key: ATTESTOR_POLICY_INVALID: expected a public key, got a private key')
  expect(`${out}${stderr.join('')}`).not.toContain('c2VjcmV0')
})

test('verify accepts an identity in any signature format, and an attestation, without a policy', async () => {
  const run1 = githubWorkflow({ repository: 'acme/app' })
  world.image('registry.test/app:keyless').signedKeylessly(run1)
  world.image('registry.test/app:bundle').bundledKeylessly(run1)
  world.image('registry.test/app:attested').attestedKeylessly(run1, vulnerabilities({ critical: 0 }))
  files.set('root.json', world.trustedRootJson)
  const verify = (image: string, identity: string, ...more: readonly string[]): Promise<number> =>
    verifyImages(
      ...['verify', `registry.test/app:${image}`, '--trusted-root', 'root.json'],
      ...['--certificate-identity', identity, '--certificate-oidc-issuer', run1.issuer, ...more],
    )
  expect(await verify('keyless', run1.subject)).toBe(0)
  expect(await verify('bundle', run1.subject)).toBe(0)
  expect(await verify('keyless', 'https://github.com/mallory/app')).toBe(1)
  const type = 'https://cosign.sigstore.dev/attestation/vuln/v1'
  expect(await verify('attested', run1.subject, '--attestation', type)).toBe(0)
  expect(await verify('keyless', run1.subject, '--attestation', type)).toBe(1)
})

test('verify takes an identity literally, as cosign does, and a pattern only from the options for patterns', async () => {
  const signer = githubWorkflow({ repository: 'acme/app' })
  world.image('registry.test/app:exact').signedKeylessly(signer)
  files.set('root.json', world.trustedRootJson)
  const verify = (...identity: readonly string[]): Promise<number> =>
    verifyImages(
      ...['verify', 'registry.test/app:exact', '--trusted-root', 'root.json'],
      ...['--certificate-oidc-issuer', signer.issuer, ...identity],
    )
  expect(await verify('--certificate-identity', 'https://github.com/acme/*')).toBe(1)
  expect(await verify('--certificate-identity', signer.subject.replace('acme', 'acm?'))).toBe(1)
  expect(await verify('--certificate-identity-regexp', '^https://github\\.com/acme/')).toBe(0)
  expect(stderr.at(-1)).toMatch(/^warning: expected a pattern between `\^` and `\$`/)
  expect(await verify('--certificate-identity-regexp', '(')).toBe(64)
  expect(stderr.at(-1)).toContain('ATTESTOR_POLICY_INVALID')
})

test('a shard without an image says so', async () => {
  const images = ['signed', 'unsigned'].flatMap((tag) => ['--image', `registry.test/app:${tag}`])
  expect(await verifyImages('apply', 'policy.yaml', ...images, '--shard', '2/3')).toBe(0)
  expect(stderr).toEqual(['note: shard 2/3 of 2 has nothing to verify'])
})

test('writes files beside the text, without its colours', async () => {
  surroundings = { colors: true }
  const outputs = ['text=log.txt', 'sarif=images.sarif', 'junit=images.xml'].flatMap((each) => ['--output', each])
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'unsigned.yaml', ...outputs)).toBe(1)
  expect(out).toContain('\u001b[31mdenied\u001b[39m')
  expect(out).not.toContain('<testsuites')
  expect([...outFiles.keys()]).toEqual(['log.txt', 'images.sarif', 'images.xml'])
  expect(outFiles.get('log.txt')).toContain('Pod default/app: denied: registry.test/app:unsigned is rejected\n')
  expect(JSON.parse(outFiles.get('images.sarif') ?? '')).toMatchObject({ version: '2.1.0' })
  expect(outFiles.get('images.xml')).toMatch(/^<\?xml/)
})

test('escapes control characters in the files, too', async () => {
  files.set('unsigned.yaml', pod('unsigned').replace('name: app', 'name: "\\e[2K"'))
  await verifyImages('apply', 'policy.yaml', '--resource', 'unsigned.yaml', '--output', 'markdown=summary.md')
  expect(outFiles.get('summary.md')).toContain('u001b')
  expect(outFiles.get('summary.md')).not.toContain('\u001b')
})

test('exits with 74 if a file cannot be written, and writes the others and the text', async () => {
  surroundings = {
    writeFile: (path, data) => {
      if (path === 'gone/a.sarif') return Promise.reject(fault('ENOENT'))
      outFiles.set(path, data)
      return Promise.resolve()
    },
  }
  const outputs = ['--output', 'sarif=gone/a.sarif', '--output', 'json=a.json']
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml', ...outputs)).toBe(74)
  expect(stderr).toEqual(['verify-images: gone/a.sarif: ENOENT: cannot be written'])
  expect([...outFiles.keys()]).toEqual(['a.json'])
  expect(out).toContain('admitted')
})

test.each<readonly [string, readonly string[]]>([
  ['lint', ['policy.yaml']],
  ['tree', ['registry.test/app:signed']],
])('%s writes files, too', async (command, operands) => {
  const endpoint = command === 'tree' ? [`--registry-endpoint=registry.test=${world.registry.endpoint}`] : []
  expect(await verifyImagesOnly(command, ...operands, ...endpoint, '--output', 'json=result.json')).toBe(0)
  expect(JSON.parse(outFiles.get('result.json') ?? '')).toMatchObject({ schemaVersion: 1 })
  expect(out).not.toContain('schemaVersion')
})

test('keeps the exit code when the pipe is closed early, and exits with 74 on other output errors', async () => {
  unwritable = fault('EPIPE')
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'unsigned.yaml')).toBe(1)
  expect(stderr).toEqual([])
  unwritable = fault('ENOSPC')
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml')).toBe(74)
  expect(stderr).toEqual(['verify-images: standard output: ENOSPC: cannot be written'])
  unwritable = new Error('of no code')
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml')).toBe(74)
  expect(stderr[1]).toBe('verify-images: standard output: VERIFIER_INTERNAL: cannot be written')
})

test('--unmatched refuse denies images that no policy matches', async () => {
  expect(await verifyImages('apply', 'policy.yaml', '--image', 'elsewhere.test/app:1')).toBe(0)
  expect(await verifyImages('apply', 'policy.yaml', '--image', 'elsewhere.test/app:1', '--unmatched', 'refuse')).toBe(1)
  expect(out).toContain('denied: no policy matches it')
})

test.each([
  [1, []],
  [0, ['--platforms', 'any-child']],
  [1, ['--platforms', 'every-child']],
  [0, ['--platforms', 'linux/amd64']],
  [1, ['--platforms', 'linux/amd64,linux/arm64']],
])('exits with %i for an index with one signed platform, with %j', async (code, options) => {
  world.index('registry.test/app:index', {
    'linux/amd64': world.image('registry.test/app:amd').signedBy(world.key('release')),
    'linux/arm64': world.image('registry.test/app:arm'),
  })
  expect(await verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:index', ...options)).toBe(code)
})

test('--namespace applies to images and to objects without a namespace', async () => {
  files
    .set(
      'policy.yaml',
      policy(world.key('release').publicKey).replace('kinds: [Pod]', 'kinds: [Pod], namespaces: [prod]'),
    )
    .set('nowhere.yaml', pod('unsigned').replace(', namespace: default', ''))
  expect(
    await verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:unsigned', '--resource', 'nowhere.yaml'),
  ).toBe(0)
  expect(
    await verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:unsigned', '--namespace', 'prod'),
  ).toBe(1)
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'nowhere.yaml', '--namespace', 'prod')).toBe(1)
  expect(out).toContain('Pod prod/app: denied')
})

test('matches a label without a value, as the cluster would', async () => {
  files.set(
    'policy.yaml',
    policy(world.key('release').publicKey).replace(
      'kinds: [Pod]',
      'kinds: [Pod], selector: { matchExpressions: [{ key: checked, operator: Exists }] }',
    ),
  )
  files.set('labelled.yaml', pod('unsigned').replace('name: app,', 'name: app, labels: { checked: },'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'labelled.yaml')).toBe(1)
})

const usualConfig = '/nowhere/.docker/config.json'

test('rejects a default Docker config that is malformed or unreadable', async () => {
  files.set(usualConfig, '{ "auths": [] }')
  expect(await verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:signed')).toBe(64)
  expect(stderr).toEqual([
    `verify-images: ${usualConfig}: REGISTRY_CREDENTIALS_INVALID: invalid registry credentials: expected ` +
      `\`auths\` to be an object`,
  ])
  files.delete(usualConfig)
  locked = usualConfig
  expect(await verifyImages('tree', 'registry.test/app:signed')).toBe(64)
  expect(stderr[1]).toBe(`verify-images: ${usualConfig}: EACCES: permission denied`)
})

test('treats an empty $DOCKER_CONFIG as unset', async () => {
  files.set('config.json', 'broken')
  environment = { DOCKER_CONFIG: '' }
  expect(await verifyImages('tree', 'registry.test/app:signed')).toBe(0)
  environment = { DOCKER_CONFIG: '.' }
  expect(await verifyImages('tree', 'registry.test/app:signed')).toBe(64)
})

test('executes credential helpers, and names the file and the helper that is missing', async () => {
  files.set(usualConfig, JSON.stringify({ credHelpers: { 'registry.test': 'verify-images-absent' } }))
  expect(await verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:signed')).toBe(2)
  expect(out).toContain(`${usualConfig}: invalid registry credentials: \`docker-credential-verify-images-absent\``)
})

test('draws the artifacts attached to an image', async () => {
  expect(await verifyImages('tree', 'registry.test/app:signed', 'registry.test/app:unsigned')).toBe(0)
  expect(out).toMatch(/└── signature sha256:[0-9a-f]{64} \(tag sha256-[0-9a-f]{64}\.sig\)/)
  expect(out).toContain('└── nothing is attached')
})

test('exits with 2 if an image cannot be inspected, and still draws the others', async () => {
  expect(await verifyImages('tree', 'closed.test/app:1', 'registry.test/app:signed', '--output', 'json')).toBe(2)
  expect(stderr).toEqual([expect.stringMatching(/^verify-images: closed\.test\/app:1: REGISTRY_UNAVAILABLE: /)])
  expect(JSON.parse(out)).toMatchObject({
    images: [
      { image: 'closed.test/app:1', error: { code: 'REGISTRY_UNAVAILABLE' } },
      { image: 'registry.test/app:signed', discovery: { complete: true } },
    ],
  })
})

test('exits with 64 for a tree of a malformed reference', async () => {
  expect(await verifyImages('tree', 'registry.test/app:signed', 'registry.test/App')).toBe(64)
  expect(stderr).toEqual([expect.stringMatching(/^verify-images: registry\.test\/App: IMAGE_REFERENCE_INVALID: /)])
})

test.each([['-h'], ['--help'], ['no-such-command', '--no-such-option', '--help'], ['--version', '--help'], ['help']])(
  'prints the help for %s',
  async (...argv) => {
    expect(await verifyImagesOnly(...argv)).toBe(0)
    expect(out).toMatch(/^Usage: verify-images <command> \[options\]\n/)
    for (const [name] of COMMAND_LIST) expect(out).toContain(`\n  ${name.split(' ', 1)[0] ?? ''} `)
    for (const code of Object.values(EXIT)) expect(out).toMatch(new RegExp(`\\b${String(code)} `))
    expect(stderr).toEqual([])
  },
)

test.each([
  ['apply', 'apply', '--help'],
  ['apply', 'apply', 'gone.yaml', '--image', 'registry.test/app:signed', '-h'],
  ['tree', 'tree', '-h', '--output', 'json'],
  ['trust show', 'trust', 'show', '--help'],
  ['trust', 'trust', '--help'],
  ['apply', '--output', 'json', 'apply', '-h'],
])('prints the help of %s for %s %s', async (name, ...argv) => {
  expect(await verifyImagesOnly(...argv)).toBe(0)
  expect(out).toMatch(new RegExp(`^Usage: verify-images ${name} `))
})

test('keeps the lines of the help within 120 columns, and names every option of a command', async () => {
  for (const [name] of COMMAND_LIST) {
    out = ''
    await verifyImagesOnly(...name.split(' '), '--help')
    expect(out.split('\n').filter((line) => line.length > 120)).toEqual([])
    for (const [option, entry] of OPTION_LIST)
      expect(out.includes(`--${option} `)).toBe(commandsOf(entry).includes(name))
  }
})

test('prints the version of the package', async () => {
  expect(await verifyImagesOnly('--version')).toBe(0)
  const manifest = (await import('../package.json', { with: { type: 'json' } })) as { default: { version: string } }
  expect(out).toBe(`${manifest.default.version}\n`)
})

test('objects and images of one command share requests: twenty Pods and an image make three', async () => {
  files.set('many.yaml', Array.from({ length: 20 }, () => pod('signed')).join('---\n'))
  expect(
    await verifyImages('apply', 'policy.yaml', '--resource', 'many.yaml', '--image', 'registry.test/app:signed'),
  ).toBe(EXIT.admitted)
  expect(world.registry.requests).toHaveLength(3)
})

const settings = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: keys, namespace: default }\ndata: { a: b }\n'

test('reads folders of policies, and reports what happens to other objects in them', async () => {
  files.delete('policy.yaml')
  files.set('policies/one.yaml', `${policy(world.key('release').publicKey)}---\n${settings}`)
  files.set('policies/two.yaml', pod('signed'))
  files.set('policies/three.yaml', 'apiVersion: kyverno.io/v2\nkind: PolicyException\nmetadata: { name: e }\n')
  expect(await verifyImages('apply', 'policies', '--image', 'registry.test/app:signed')).toBe(0)
  expect(stderr).toEqual([
    expect.stringMatching(
      /^note: policies\/one\.yaml:\d+:1 \(document 2\): ConfigMap keys can be read by policies, as with --objects$/,
    ),
    'note: policies/three.yaml:1:1: PolicyException e is not applied: name its file with --exception',
    'note: policies/two.yaml:1:1: Pod app is not a policy, and is ignored',
  ])
  stderr.length = 0
  expect(await verifyImages('apply', 'policies', '--image', 'registry.test/app:signed', '--quiet')).toBe(0)
  expect(stderr).toEqual([])
})

test('a policy reads the objects in its folder, and a folder without a policy is refused', async () => {
  const key = JSON.stringify(world.key('release').publicKey)
  const secret = `apiVersion: v1\nkind: Secret\nmetadata: { name: cosign, namespace: kyverno }\nstringData: { cosign.pub: ${key} }\n`
  files.set('policies/a.yaml', policy('').replace('publicKeys: ""', 'publicKeys: "k8s://kyverno/cosign"'))
  expect(await verifyImages('apply', 'policies', '--image', 'registry.test/app:signed')).toBe(2)
  const encoded = Buffer.from(world.key('release').publicKey).toString('base64')
  files.set('policies/b.yaml', secret.replace('stringData', 'data').replace(key, encoded))
  expect(await verifyImages('apply', 'policies', '--image', 'registry.test/app:signed')).toBe(0)
  files.delete('policies/a.yaml')
  expect(await verifyImages('apply', 'policies', '--image', 'registry.test/app:signed')).toBe(64)
  expect(stderr.at(-1)).toBe('verify-images: policies: POLICY_MISSING: expected at least one policy, got none')
})

test('--values gives namespaces their labels, --userinfo the requester', async () => {
  const selected = policy(world.key('release').publicKey)
    .replace('kinds: [Pod]', 'kinds: [Pod], namespaceSelector: { matchLabels: { tier: gold } }')
    .replace('resources: {', 'clusterRoles: [deployer], resources: {')
  files.set('policy.yaml', selected)
  files.set('values.yaml', 'namespaceSelector: [{ name: prod, labels: { tier: gold } }]\n')
  files.set('user.yaml', 'kind: UserInfo\nclusterRoles: [deployer]\nuserInfo: { username: alice }\n')
  const apply = (...options: readonly string[]): Promise<number> =>
    verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:unsigned', '-n', 'prod', ...options)
  expect(await apply('--values', 'values.yaml', '--userinfo', 'user.yaml')).toBe(1)
  expect(await apply('--values', 'values.yaml', '--user', 'bob', '--cluster-roles', 'viewer')).toBe(0)
  files.set('values.yaml', 'namespaceSelector: [{ name: prod, labels: { tier: silver } }]\n')
  expect(await apply('--values', 'values.yaml', '--userinfo', 'user.yaml')).toBe(0)
})

test('--shard verifies every n-th of the list, and the shards together are the whole list', async () => {
  const list = ['a', 'b', 'c', 'd', 'e'].map((name) => `elsewhere.test/${name}a:1`)
  files.set('images.txt', list.join('\n'))
  const shards: string[] = []
  for (const index of [0, 1, 2]) {
    out = ''
    const shard = `${String(index)}/3`
    expect(
      await verifyImagesOnly('image', '--policy', 'policy.yaml', '--images-from', 'images.txt', '--shard', shard),
    ).toBe(0)
    shards.push(...list.filter((image) => out.includes(`${image}: `)))
  }
  expect(shards).toHaveLength(5)
  expect(shards.toSorted()).toEqual(list)
})

test('--quiet prints what is not admitted, --verbose everything with requests and times', async () => {
  const apply = (option: string): Promise<number> =>
    verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml', '--resource', 'unsigned.yaml', option)
  files.set('unsigned.yaml', pod('unsigned').replace('name: app,', 'name: bad,'))
  await apply('--quiet')
  expect(out).toMatch(/^Pod default\/bad: denied/)
  expect(out).not.toMatch(/Pod default\/app|verified:/)
  out = ''
  await apply('--verbose')
  expect(out).toMatch(/\n {2}requests: \d+ \(registry\.test \d+\); \d+\.\d\d s\n/)
  expect(out).toContain('+ cosign-signature over')
  expect(out).toMatch(/\n2 verified: 1 admitted, 1 denied, 0 not checked\n$/)
})

test('only the decision is coloured, and colours in a resource are escaped', async () => {
  surroundings = { colors: true }
  const hostile = { kind: 'Pod', metadata: { name: 'a\u001b[32madmitted', namespace: 'default' } }
  const spec = { containers: [{ name: 'c', image: 'registry.test/app:unsigned' }] }
  files.set('hostile.yaml', JSON.stringify({ apiVersion: 'v1', ...hostile, spec }))
  await verifyImages('apply', 'policy.yaml', '--resource', 'hostile.yaml')
  expect(out.startsWith('Pod default/a\\u001b[32madmitted: \u001b[31mdenied\u001b[39m: ')).toBe(true)
  expect(out.split('\u001b')).toHaveLength(3)
  out = ''
  await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml')
  expect(out.startsWith('Pod default/app: \u001b[32madmitted\u001b[39m: ')).toBe(true)
})

test('an interruption prints what is verified, and exits with 2', async () => {
  const user = new AbortController()
  surroundings = { interrupted: user.signal }
  user.abort(new Error('SIGINT'))
  const apply = (output: string): Promise<number> =>
    verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:signed', '--output', output)
  expect(await apply('text')).toBe(2)
  expect(out).toBe('registry.test/app:signed: not verified: interrupted\n')
  expect(stderr).toEqual(['warning: 1 of 1 not verified: interrupted'])
  out = ''
  expect(await apply('json')).toBe(2)
  expect(JSON.parse(out)).toEqual({
    schemaVersion: 1,
    verdicts: [],
    unfinished: [{ subject: 'registry.test/app:signed', because: 'interrupted' }],
  })
})

test('--at verifies as of another time, so a certificate that expired later still counts', async () => {
  const authority = world.certificateAuthority('acme')
  const expiresAt = new Date('2026-12-01T00:00:00Z')
  world.image('registry.test/app:notary').notarizedBy(authority.issue('build'), { expiresAt })
  const attestors = `attestors: [{ entries: [{ certificates: { cert: ${JSON.stringify(authority.root)} } }] }]`
  files.set('policy.yaml', policy('', undefined, 'type: Notary').replace(/attestors: .*/, attestors))
  const apply = (at: string): Promise<number> =>
    verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:notary', '--at', at)
  expect(await apply('2026-11-30T23:00:00Z')).toBe(0)
  expect(await apply('2026-12-02')).toBe(1)
  expect(out).toContain('ATTESTOR_SIGNATURE_EXPIRED')
})
