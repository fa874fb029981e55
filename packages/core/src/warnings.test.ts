import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createArtifactCache } from './artifact-cache.ts'
import { createImageVerifier } from './create-image-verifier.ts'
import { parsePolicies } from './parse-policies.ts'

/** The text of a policy, and the line of what a test is about: that with the comment `# here`. */
function policy(entry: string, more = ''): { readonly text: string; readonly line: number } {
  const text = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
${more}      verifyImages:
        - imageReferences: ['ghcr.io/acme/*']
${entry.replace(/^/gm, '          ')}
`
  return { text, line: text.split('\n').findIndex((line) => line.includes('# here')) + 1 }
}

const keyless = (...lines: readonly string[]): string =>
  ['attestors:', '  - entries:', '      - keyless:', ...lines.map((line) => `          ${line}`)].join('\n')
const issuer = 'issuer: https://token.actions.githubusercontent.com'
const subject = 'subject: https://github.com/acme/app/.github/workflows/release.yaml@refs/heads/main'
const rekor = 'rekor: { url: https://rekor.sigstore.dev }'
const accepted = keyless(subject, issuer, rekor)

function findings(text: string): readonly string[] {
  const { problems, warnings } = createImageVerifier({ policies: parsePolicies(text, { source: 'policies.yaml' }) })
  return [...problems, ...warnings].map(
    ({ severity, code, source = '', line = 0 }) => `${severity} ${code} ${source}:${String(line)}`,
  )
}

test('a policy without mistakes has no findings', () => {
  expect(findings(policy(accepted).text)).toEqual([])
})

/** Each has a row in docs/warnings.md. */
test.each<[string, string, string, string?]>([
  [
    'a wildcard in the subject of a bundle, where it is literal',
    'warning ATTESTOR_PATTERN_LITERAL',
    `type: SigstoreBundle\n${keyless('subject: https://github.com/acme/* # here', issuer, rekor)}`,
  ],
  [
    'a wildcard in the issuer of a bundle',
    'warning ATTESTOR_PATTERN_LITERAL',
    `type: SigstoreBundle\n${keyless(subject, 'issuer: "*" # here', rekor)}`,
  ],
  ['a subject that matches anyone', 'warning ATTESTOR_IDENTITY_OPEN', keyless('subject: "*" # here', issuer, rekor)],
  [
    'a regular expression without anchors',
    'warning ATTESTOR_PATTERN_UNANCHORED',
    keyless('subjectRegExp: github.com/acme/.* # here', issuer, rekor),
  ],
  [
    'the image in an attestor',
    'warning POLICY_VARIABLE_UNRESOLVED',
    keyless('subject: https://github.com/acme/{{ image.name }} # here', issuer, rekor),
  ],
  [
    'the image in a precondition',
    'warning POLICY_VARIABLE_UNRESOLVED',
    accepted,
    "      preconditions:\n        all:\n          - key: '{{ image.tag }}' # here\n            operator: " +
      'Equals\n            value: v1\n',
  ],
  [
    'an unknown credential provider',
    'warning VERIFIER_CREDENTIALS_UNAVAILABLE',
    `${accepted}\nimageRegistryCredentials:\n  providers:\n    - amazon # here`,
  ],
  ['`useCache: true` without a cache', 'warning POLICY_FIELD_IGNORED', `${accepted}\nuseCache: true # here`],
  [
    'two signers required of attestors that name one key',
    'problem ATTESTOR_DUPLICATE_SIGNER',
    `attestors:\n  - count: 2 # here\n    entries: [${'{ keys: { publicKeys: k8s://ns/key } }, '.repeat(2)}]`,
  ],
  [
    'a key of a key management service without a resolver',
    'problem ATTESTOR_KEY_UNAVAILABLE',
    'attestors:\n  - entries:\n      - keys:\n          publicKeys: awskms:///arn:aws:kms:eu-west-1:1:key/2 ' +
      '# here\n          rekor: { url: https://rekor.sigstore.dev }',
  ],
])('%s is found when the policy is loaded: %s', (_, expected, entry, more) => {
  const { text, line } = policy(entry, more)
  const found = findings(text)
  expect(found.map((each) => each.replace(/:\d+$/, ''))).toContain(`${expected} policies.yaml`)
  const lines = found.filter((each) => each.startsWith(expected)).map((each) => Number(each.split(':').at(-1)))
  expect(lines.some((each) => Math.abs(each - line) <= 1)).toBe(true)
})

test.each<[string, string]>([
  ['a wildcard in the subject of a cosign signature', keyless('subject: https://github.com/acme/*', issuer, rekor)],
  [
    'a regular expression with anchors in a bundle',
    `type: SigstoreBundle\n${keyless('subjectRegExp: ^https://github\\.com/acme/.*$', issuer, rekor)}`,
  ],
  [
    'the image in a condition of an attestation',
    `attestations:\n  - type: https://x.test/v1\n    conditions: [{ all: [{ key: '{{ image.tag }}', ` +
      `operator: Equals, value: v1 }] }]\n    ${accepted.replaceAll('\n', '\n    ')}`,
  ],
  ['the image with a default', keyless(`subject: "https://github.com/acme/{{ image.name || 'app' }}"`, issuer, rekor)],
  ['credentials of the default provider', `${accepted}\nimageRegistryCredentials:\n  providers: [default]`],
  ['`useCache: false`', `${accepted}\nuseCache: false`],
  ['an entry without `useCache`', accepted],
])('%s gives no warning', (_, entry) => {
  expect(findings(policy(entry).text)).toEqual([])
})

test('`useCache: true` gives no warning with a cache', () => {
  const { text } = policy(`${accepted}\nuseCache: true`)
  const cache = createArtifactCache({ maxBytes: 1_000_000 })
  expect(createImageVerifier({ policies: parsePolicies(text), cache }).warnings).toEqual([])
})

test('docs/warnings.md lists the code of every problem and warning that is not about the text alone', () => {
  const page = readFileSync(new URL('../../../docs/warnings.md', import.meta.url), 'utf8')
  const errors = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const warnings = [...errors.matchAll(/^\| `((?:ATTESTOR|VERIFIER)_\w+)` \| Warning\./gm)].map(([, code = '']) => code)
  expect(warnings.length).toBeGreaterThan(2)
  expect(warnings.filter((code) => !page.includes(`\`${code}\``))).toEqual([])
})
