import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSigningKey } from '@verify-images/testing'
import { expect, test } from 'vitest'
import { expandPath } from '../expand-path.ts'
import { run } from '../run.ts'
import { memoryIO, type Written } from '../testing/memory-io.ts'

const example = join(import.meta.dirname, '../../../../examples/policy-test')
const key = createSigningKey().publicKey
const FILES: Readonly<Record<string, string>> = {
  'tests/policy.yaml': `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*']
          attestors: [{ entries: [{ keys: { publicKeys: ${JSON.stringify(key)}, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }] }]
    - name: labels
      match: { any: [{ resources: { kinds: [Pod] } }] }
      validate: { message: no, pattern: { metadata: { labels: { a: '?*' } } } }
`,
  'tests/pods.yaml': ['signed', 'forged', 'elsewhere']
    .map(
      (name) =>
        `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop }\nspec: { containers: [{ ` +
        `name: c, image: '${name === 'elsewhere' ? 'other.test/app:1' : `registry.test/app:${name}`}' }] }\n`,
    )
    .join('---\n'),
  'tests/world.yaml': `
keys: { ours: { replaces: ${JSON.stringify(key)} }, mallory: }
images: { 'registry.test/app:signed': [{ signedBy: ours }], 'registry.test/app:forged': [{ signedBy: mallory }] }
`,
}

const fileOf = (results: string, more = ''): string => `
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: { name: signed }
policies: [policy.yaml]
resources: [pods.yaml]
world: world.yaml
${more}
results:
${results}
`
const result = (members: string): string => `  - { policy: signed, rule: check, kind: Pod, ${members} }\n`

async function runTests(
  text: string,
  options: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<Written & { readonly code: number }> {
  const all = { ...FILES, 'tests/verify-images-test.yaml': text, ...files }
  const { io, written } = memoryIO(new Map(Object.entries(all)))
  const code = await run(['test', 'tests', ...options], io)
  return { ...written, code }
}

test('the example of the repository passes, without a network', async () => {
  const { io, written } = memoryIO(new Map(), { readFile: (path) => readFile(path, 'utf8'), expand: expandPath })
  expect(await run(['test', example], io)).toBe(0)
  expect(written.out).toMatch(/\n7 tests: 7 passed, 0 failed, 0 skipped\n$/)
})

test('names the expectation that failed, the actual result, and the reason', async () => {
  const { code, out } = await runTests(
    fileOf(result('resources: [signed], result: pass') + result('resources: [forged], result: pass')),
  )
  expect(code).toBe(1)
  expect(out).toContain('  ok      signed/check, Pod shop/signed: pass\n')
  expect(out).toContain('  FAILED  signed/check, Pod shop/forged: expected result pass, got fail\n')
  expect(out).toMatch(/ {16}- ATTESTOR_SIGNATURE_INVALID: /)
  expect(out).toMatch(/\n2 tests: 1 passed, 1 failed, 0 skipped\n$/)
})

test.each([
  ['the result and the code', 'resources: [shop/forged], result: fail, code: ATTESTOR_SIGNATURE_INVALID', 'passed'],
  ['another code', 'resources: [forged], result: fail, code: ATTESTOR_NO_SIGNATURE', 'failed'],
  ['another outcome', 'resources: [forged], outcome: inconclusive', 'failed'],
  ['an image of no object', "images: ['registry.test/app:signed'], outcome: accepted", 'passed'],
  ['an object that no rule is about', 'resources: [elsewhere], result: skip', 'passed'],
  ['an object that no rule is about as passed', 'resources: [elsewhere], result: pass', 'failed'],
  ['an object that does not exist', 'resources: [gone], result: fail', 'failed'],
  ['an object of another namespace', 'resources: [other/signed], result: pass', 'failed'],
])('%s: the test has %s and %s', async (_, members, status) => {
  const { out } = await runTests(fileOf(result(members)), ['--output', 'json'])
  expect(JSON.parse(out)).toMatchObject({ files: [{ results: [{ status }] }] })
})

test.each([
  ['a policy that does not exist', 'policy: sined, rule: check', 'failed', 'there is no policy `sined`'],
  ['a rule that does not exist', 'policy: signed, rule: chek', 'failed', 'the policy has no rule `chek`'],
  ['a rule of another kind', 'policy: signed, rule: labels', 'skipped', 'the rule does not verify images'],
])('a test of %s does not pass', async (_, rule, status, text) => {
  const { out } = await runTests(fileOf(`  - { ${rule}, resources: [signed], result: skip }`), ['--output', 'json'])
  expect(JSON.parse(out)).toMatchObject({
    files: [{ results: [{ status, text: expect.stringContaining(text) as string }] }],
  })
})

test('every format of `test` has the failure', async () => {
  const text = fileOf(result('resources: [signed], result: fail'))
  const of = async (output: string): Promise<string> => (await runTests(text, ['--output', output])).out
  expect(await of('junit')).toMatch(
    /<testsuites name="verify-images" tests="1" failures="1" errors="0">[\s\S]*<failure message="expected result fail, got pass">/,
  )
  expect(await of('github')).toBe(
    '::error file=tests/verify-images-test.yaml,title=signed/check%2C Pod shop/signed::expected result fail, ' +
      'got pass\n',
  )
  expect(await of('markdown')).toContain('expected result fail, got pass |')
})

const passing = result('resources: [signed], result: pass')

test.each([
  ['a misspelt field', fileOf(passing, 'polices: []'), 'unsupported field `polices`'],
  ['an expectation of nothing', fileOf(result('resources: [signed]')), 'expected `result`, `outcome` or `code`'],
  ['an unknown result', fileOf(result('resources: [signed], result: ok')), 'results[0].result'],
  ['a test of no object', fileOf(result('result: pass')), 'expected `resources` or `images`'],
  ['another kind', 'kind: Pod', 'expected one document of kind Test'],
])('refuses a file with %s', async (_, text, message) => {
  const { code, stderr } = await runTests(text)
  expect(code).toBe(64)
  expect(stderr[0]).toContain('tests/verify-images-test.yaml')
  expect(stderr[0]).toContain(message)
})

test.each([
  [
    'a key that no policy has',
    `keys: { ours: { replaces: ${JSON.stringify(createSigningKey().publicKey)} } }`,
    'no policy has the key to replace',
  ],
  ['an unknown signer', "images: { 'registry.test/app:a': [{ signedBy: ours }] }", 'unknown key `ours`'],
  ['an unknown flaw', "keys: { ours: }\nimages: { 'registry.test/app:a': [{ signedBy: ours, flaw: torn }] }", 'flaw'],
  ['an unknown way to sign', "images: { 'registry.test/app:a': [{ signed: ours }] }", 'expected one of signedBy'],
  [
    'an attestation without content',
    "keys: { ours: }\nimages: { 'registry.test/app:a': [{ attestedBy: ours }] }",
    'needs `attestation`',
  ],
  [
    'a certificate that a key lacks',
    "keys: { ours: }\nimages: { 'registry.test/app:a': [{ notarizedBy: ours }] }",
    'unknown certificate `ours`',
  ],
  ['a misspelt field', 'image: {}', 'unsupported field `image`'],
])('refuses a world with %s', async (_, world, message) => {
  const { code, stderr } = await runTests(fileOf(passing), [], { 'tests/world.yaml': world })
  expect(code).toBe(64)
  expect(stderr[0]).toContain(message)
})

test('a world has attestations, bundles, Notary signatures, identities, indexes and a time', async () => {
  const world = `
now: 2026-06-01T00:00:00Z
keys: { ours: { replaces: ${JSON.stringify(key)} } }
authorities: { acme: { certificates: { build: } } }
identities:
  alice: { subject: alice@acme.example, issuer: https://accounts.acme.example }
  release: { github: { repository: acme/app } }
images:
  registry.test/app:signed:
    - { signedBy: ours, annotations: { env: prod } }
    - { signedKeylessly: alice, log: v1 }
    - { attestedBy: ours, attestation: { vulnerabilities: { critical: 1 } } }
    - { attestedKeylessly: release, attestation: { provenance: { repository: acme/app } } }
    - { bundledBy: ours, attestation: { cycloneDx: [{ name: lib, version: '1' }] } }
    - { bundledKeylessly: release, at: 2026-05-01T00:00:00Z }
    - { notarizedBy: build, envelope: cose, expiresAt: 2027-01-01T00:00:00Z }
  registry.test/app:other: []
indexes:
  registry.test/app:index: { linux/amd64: registry.test/app:signed, linux/arm64: registry.test/app:other }
`
  const text = fileOf(passing + result("images: ['registry.test/app:index'], code: ATTESTOR_NO_SIGNATURE"))
  const { code, out, stderr } = await runTests(text, [], { 'tests/world.yaml': world })
  expect(stderr).toEqual([])
  expect(out).toMatch(/2 passed/)
  expect(code).toBe(0)
})

test('a certificate of the world replaces that of a policy, and values select by namespace', async () => {
  const selected = FILES['tests/policy.yaml']?.replace(
    'kinds: [Pod] }',
    'kinds: [Pod], namespaceSelector: { matchLabels: { a: b } } }',
  )
  const text = fileOf(
    result('resources: [forged], result: fail'),
    'values: { namespaceSelector: [{ name: shop, labels: { a: b } }] }',
  )
  expect((await runTests(text, [], { 'tests/policy.yaml': selected ?? '' })).code).toBe(0)
  const unselected = fileOf(
    result('resources: [forged], result: skip'),
    'values: { namespaceSelector: [{ name: shop, labels: { a: c } }] }',
  )
  expect((await runTests(unselected, [], { 'tests/policy.yaml': selected ?? '' })).code).toBe(0)
})

test('a folder without tests is wrong usage: nothing would be tested', async () => {
  const { io, written } = memoryIO(new Map([['tests/policy.yaml', '']]))
  expect(await run(['test', 'tests'], io)).toBe(64)
  expect(written.stderr[0]).toContain('no kyverno-test.yaml and no verify-images-test.yaml')
})
