import { describe, expect, test } from 'vitest'
import { parseExceptions } from './parse-exceptions.ts'
import { parsePolicies } from './parse-policies.ts'
import { PolicyError } from './policy-error.ts'
import { readDocuments } from './read-documents.ts'
import { validatePolicy } from './validate-policy.ts'

const POLICY = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: p
spec:
  rules:
  - name: check
    match:
      any:
      - resources:
          kinds: [Pod]
    verifyImages:
    - imageReferences: ['ghcr.io/acme/*']
      mutateDigest: false
`

function issuesOf(text: string): PolicyError['issues'] {
  try {
    parsePolicies(text)
  } catch (error) {
    if (error instanceof PolicyError) return error.issues
  }
  throw new Error('the text was accepted')
}

const findings = (text: string): string[] =>
  parsePolicies(text).flatMap((policy) =>
    policy.findings.map(({ severity, code, path, line }) => `${severity} ${code} ${path} ${line ?? '-'}`),
  )

describe('parsePolicies', () => {
  const settings = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n'

  test('leaves out objects of other API groups only with the option', () => {
    const text = `${settings}---\n${POLICY}`
    expect(issuesOf(text)).toMatchObject([{ code: 'POLICY_KIND_UNSUPPORTED', line: 1 }])
    const [policy, ...rest] = parsePolicies(text, { foreign: 'skip' })
    expect(rest).toEqual([])
    expect(policy?.locate('spec.rules[0]')).toMatchObject({ line: 11 })
  })

  test.each(['kyverno.io/v1', 'policies.kyverno.io/v1', 'kyverno.io/v2beta1'])(
    'never leaves out an object of %s, because its rules would not be checked',
    (apiVersion) => {
      const other = `apiVersion: ${apiVersion}\nkind: ImageValidatingPolicy\nmetadata: { name: a }\n`
      expect(() => parsePolicies(`${POLICY}---\n${other}`, { foreign: 'skip' })).toThrow(PolicyError)
    },
  )

  test("leaves out files of Kyverno's command line, and refuses a document without a kind", () => {
    const values = 'apiVersion: cli.kyverno.io/v1alpha1\nkind: Values\n'
    expect(parsePolicies(`${POLICY}---\n${values}`, { foreign: 'skip' })).toHaveLength(1)
    expect(() => parsePolicies(`${POLICY}---\na: 1\n`, { foreign: 'skip' })).toThrow(PolicyError)
    expect(() => parsePolicies(settings, { foreign: 'skip' })).toThrow('expected at least one policy')
  })

  test('parsePolicies fills in the defaults of the CRD', () => {
    const [policy] = parsePolicies(POLICY, { source: 'p.yaml' })
    expect(policy).toMatchObject({
      kind: 'ClusterPolicy',
      name: 'p',
      source: 'p.yaml',
      spec: {
        validationFailureAction: 'Audit',
        admission: true,
        background: true,
        emitWarning: false,
        rules: [{ verifyImages: [{ mutateDigest: false, verifyDigest: true, required: true, useCache: true }] }],
      },
    })
    expect(policy?.namespace).toBeUndefined()
  })

  test('defaults the namespace of a Policy', () => {
    expect(parsePolicies(POLICY.replace('ClusterPolicy', 'Policy'))[0]?.namespace).toBe('default')
  })

  test('fills in no defaults inside of a nested attestor', () => {
    const [policy] = parsePolicies(
      `${POLICY}      attestors:\n      - entries:\n        - attestor: {entries: [{keys: {publicKeys: k}}]}\n`,
    )
    expect(policy?.spec.rules[0]?.verifyImages?.[0]?.attestors?.[0]?.entries?.[0]).toEqual({
      attestor: { entries: [{ keys: { publicKeys: 'k' } }] },
      signatureAlgorithm: 'sha256',
    })
  })

  test('reads flags and counts as Kubernetes does', () => {
    const [policy] = parsePolicies(
      `${POLICY}      required: no\n      attestors:\n      - count: 0x1\n        entries:\n        - keys: ` +
        `{publicKeys: k, rekor: {ignoreTlog: on}}\n`,
    )
    expect(policy?.spec.rules[0]?.verifyImages?.[0]).toMatchObject({
      required: false,
      attestors: [{ count: 1, entries: [{ keys: { rekor: { ignoreTlog: true } } }] }],
    })
  })

  test('parses several policies and skips exceptions', () => {
    expect(
      parsePolicies(
        `${POLICY}---\n${POLICY.replace('name: p', 'name: q')}---\napiVersion: kyverno.io/v2\nkind: PolicyException\n`,
      ).map(({ name }) => name),
    ).toEqual(['p', 'q'])
  })

  test('collects the problems of all documents, in the order of the text', () => {
    const issues = issuesOf(
      `${POLICY.replace('Pod', 'Pod').replace('mutateDigest: false', 'mutateDigest: maybe')}      bogus: ` +
        `1\n---\n${POLICY.replace('name: check', 'name: 5')}`,
    )
    expect(issues.map(({ code, path, line, column }) => [code, path, line, column])).toEqual([
      ['POLICY_FIELD_INVALID', 'spec.rules[0].verifyImages[0].mutateDigest', 14, 7],
      ['POLICY_FIELD_UNKNOWN', 'spec.rules[0].verifyImages[0].bogus', 15, 7],
      ['POLICY_FIELD_INVALID', 'spec.rules[0].name', 23, 5],
    ])
  })

  test('ignores the status that a cluster of any version has written', () => {
    expect(parsePolicies(`${POLICY}status: {ready: 'yes', conditionStatus: {ready: true}, later: [1]}\n`)).toHaveLength(
      1,
    )
  })

  test.each([
    ['a ConfigMap', 'apiVersion: v1\nkind: ConfigMap\n', 'POLICY_KIND_UNSUPPORTED'],
    ['a list', '- a\n', 'POLICY_KIND_UNSUPPORTED'],
    [
      'a newer policy',
      POLICY.replace('kyverno.io/v1', 'policies.kyverno.io/v1').replace('ClusterPolicy', 'ImageValidatingPolicy'),
      'POLICY_KIND_UNSUPPORTED',
    ],
    ['a policy beside a ConfigMap', `${POLICY}---\napiVersion: v1\nkind: ConfigMap\n`, 'POLICY_KIND_UNSUPPORTED'],
    ['exceptions only', 'apiVersion: kyverno.io/v2\nkind: PolicyException\n', 'POLICY_MISSING'],
    ['nothing', '', 'POLICY_MISSING'],
    ['a second list of attestors', `${POLICY}      attestors: []\n      attestors: []\n`, 'POLICY_YAML_INVALID'],
  ])('rejects %s', (_name, text, code) => expect(issuesOf(text)[0].code).toBe(code))

  test('the error for a path instead of the content of a file says so', () => {
    const advice = ': pass the text of the file, not its path'
    for (const path of ['policies.yaml', './deploy/a.yml', 'C:\\policies.json'])
      expect(issuesOf(path)[0].message).toContain(`got the string \`${path}\`${advice}`)
    expect(issuesOf('policies')[0].message).toMatch(/got the string `policies`$/)
  })

  test.each([
    null,
    5,
    { compileExpresion: () => undefined },
    { source: 5 },
    { compileExpression: 'x' },
    { toString: 1 },
  ] as never[])('refuses what are no options: %j', (options) => {
    for (const run of [parsePolicies, parseExceptions, readDocuments])
      expect(() => run(POLICY, options)).toThrow(expect.objectContaining({ code: 'POLICY_OPTIONS_INVALID' }))
    expect(() => validatePolicy({}, options)).toThrow(expect.objectContaining({ code: 'POLICY_OPTIONS_INVALID' }))
  })

  test('treats undefined options as omitted', () => {
    expect(parsePolicies(POLICY, { source: undefined, compileExpression: undefined })).toHaveLength(1)
  })

  test('passes expressions to `compileExpression`', () => {
    const text = POLICY.replace(
      '    match:',
      "    preconditions: {all: [{key: '{{ request.x }}', operator: Equals, value: 1}]}\n    match:",
    )
    const seen: string[] = []
    parsePolicies(text, { compileExpression: (expression) => void seen.push(expression) })
    expect(new Set(seen)).toEqual(new Set(['request.x']))
  })

  test('formats the first problem with its place in one line', () => {
    expect(() => parsePolicies(POLICY.replace('kinds: [Pod]', 'kinds: Pod'), { source: 'p.yaml' })).toThrow(
      'p.yaml:11:11: spec.rules[0].match.any[0].resources.kinds: expected an array, got the string `Pod`',
    )
  })
})

describe('findings', () => {
  test('a valid entry has no findings', () =>
    expect(findings(`${POLICY}      attestors: [{entries: [{keys: {publicKeys: k}}]}]\n`)).toEqual([]))

  const entry = 'spec.rules[0].verifyImages[0]'
  test.each([
    ['an entry that verifies nothing', '', [`warning POLICY_ENTRY_UNVERIFIABLE ${entry} 13`]],
    [
      'an attestation without attestors',
      '      attestations: [{type: t}]\n',
      [`problem POLICY_ATTESTORS_MISSING ${entry}.attestations[0] 15`],
    ],
    [
      'an attestation without attestors in an entry that has some',
      '      attestors: [{entries: [{keys: {publicKeys: k}}]}]\n      attestations: [{type: t}]\n',
      [],
    ],
    [
      'an attestation with a nested attestor, which is evaluated',
      '      attestations: [{type: t, attestors: [{entries: [{attestor: {entries: [{keys: {publicKeys: k}}]}}]}]}]\n',
      [],
    ],
    [
      'a Notary attestation without a certificate',
      '      type: Notary\n      attestations: [{type: t, attestors: [{entries: [{keys: {publicKeys: k}}]}]}]\n',
      [`problem POLICY_ATTESTORS_MISSING ${entry}.attestations[0].attestors[0].entries[0] 16`],
    ],
    [
      'a negative count in a nested attestor',
      '      attestors: [{entries: [{attestor: {count: -1, entries: [{keys: {publicKeys: k}}]}}]}]\n',
      [`problem POLICY_ATTESTOR_INVALID ${entry}.attestors[0].entries[0].attestor.count 15`],
    ],
    [
      'an old key beside attestations',
      '      key: k\n      attestations: [{type: t}]\n',
      [`warning POLICY_FIELD_DEPRECATED ${entry}.key 15`],
    ],
    [
      'unknown extensions',
      '      additionalExtensions: {a: b}\n      attestors: [{entries: [{keys: {publicKeys: k}}]}]\n',
      [`warning POLICY_FIELD_IGNORED ${entry}.additionalExtensions 15`],
    ],
    [
      'patterns that match no image',
      "      image: nginx\n      skipImageReferences: ['*', '^x$']\n      attestors: [{entries: [{keys: " +
        '{publicKeys: k}}]}]\n',
      [
        `warning POLICY_FIELD_DEPRECATED ${entry}.image 15`,
        `warning POLICY_IMAGE_PATTERN_DOUBTFUL ${entry}.image 15`,
        `warning POLICY_IMAGE_PATTERN_DOUBTFUL ${entry}.skipImageReferences[1] 16`,
      ],
    ],
    [
      'old words in an attestation',
      '      attestations: [{predicateType: t, attestors: [{entries: [{keys: {publicKeys: k}}]}], ' +
        'conditions: [{all: [{operator: In, value: 1}]}]}]\n',
      [
        `warning POLICY_FIELD_DEPRECATED ${entry}.attestations[0].predicateType 15`,
        `warning POLICY_CONDITION_INCOMPLETE ${entry}.attestations[0].conditions[0].all[0] 15`,
        `warning POLICY_FIELD_DEPRECATED ${entry}.attestations[0].conditions[0].all[0].operator 15`,
      ],
    ],
  ])('finds %s in a policy', (_name, lines, expected) => expect(findings(POLICY + lines)).toEqual(expected))

  test('finds CEL conditions, rules of other types and deprecated values', () => {
    const text = POLICY.replace(
      '  rules:\n',
      `  validationFailureAction: audit
  webhookConfiguration: {matchConditions: [{name: x, expression: 'true'}]}
  rules:
  - name: other
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate: {pattern: {spec: {a: b}}}
`,
    )
    expect(findings(`${text}      attestors: [{entries: [{keys: {publicKeys: k}}]}]\n`)).toEqual([
      'warning POLICY_FIELD_DEPRECATED spec.validationFailureAction 6',
      'warning POLICY_MATCH_CONDITIONS_IGNORED spec.webhookConfiguration.matchConditions 7',
      'warning POLICY_RULE_UNSUPPORTED spec.rules[0] 9',
    ])
  })

  describe('a rule about Pods that Kyverno makes no rules for controllers of', () => {
    const sound = `${POLICY}      attestors: [{entries: [{keys: {publicKeys: k}}]}]\n`
    const warned = ['warning POLICY_AUTOGEN_PARTIAL spec.rules[0].match 8']
    const other = (rule: string): string => `${sound}  - ${rule}\n`
    test.each([
      ['another kind in the list', sound.replace('kinds: [Pod]', 'kinds: [Pod, Service]')],
      ['a subresource in the list', sound.replace('kinds: [Pod]', 'kinds: [Pod, Pod/ephemeralcontainers]')],
      ['the kind with its version', sound.replace('kinds: [Pod]', 'kinds: [v1/Pod]')],
      ['a selector', sound.replace('kinds: [Pod]', 'kinds: [Pod]\n          selector: {matchLabels: {a: b}}')],
      [
        'an exclude of other kinds',
        sound.replace('    verifyImages:', '    exclude: {any: [{resources: {kinds: [Service]}}]}\n    verifyImages:'),
      ],
      [
        'another rule that selects by name',
        other(
          '{name: other, match: {any: [{resources: {kinds: [Service], names: [x]}}]}, validate: {pattern: {a: b}}}',
        ),
      ],
    ])('warns of the missing rules for controllers if %s', (_name, text) =>
      expect(findings(text).filter((finding) => finding.includes('AUTOGEN'))).toEqual(warned),
    )

    test.each([
      ['it names controllers itself', sound.replace('kinds: [Pod]', 'kinds: [Pod, Deployment, apps/v1/StatefulSet]')],
      ['it is about other kinds', sound.replace('kinds: [Pod]', 'kinds: [Service]')],
      [
        'the annotation says so',
        sound
          .replace('kinds: [Pod]', 'kinds: [v1/Pod]')
          .replace('name: p', 'name: p\n  annotations: {pod-policies.kyverno.io/autogen-controllers: none}'),
      ],
    ])('does not warn of missing rules for controllers if %s', (_name, text) => expect(findings(text)).toEqual([]))
  })

  test('finds misspelt kinds', () => {
    const text = POLICY.replace('kinds: [Pod]', 'kinds: [Pod, pod]').replace(
      '    verifyImages:',
      '    exclude: {resources: {kinds: [Deploymnet]}}\n    verifyImages:',
    )
    expect(
      findings(`${text}      attestors: [{entries: [{keys: {publicKeys: k}}]}]\n`).filter((finding) =>
        finding.includes('KIND'),
      ),
    ).toEqual([
      'warning POLICY_KIND_DOUBTFUL spec.rules[0].match.any[0].resources.kinds[1] 11',
      'warning POLICY_KIND_DOUBTFUL spec.rules[0].exclude.resources.kinds[0] 12',
    ])
  })

  test('finds a rule that generated rules replace', () => {
    const own = POLICY.replace('name: check', 'name: autogen-own').slice(POLICY.indexOf('  - name: check'))
    const found = (text: string): string[] => findings(text).filter((finding) => finding.includes('IGNORED'))
    expect(found(POLICY + own)).toEqual(['warning POLICY_FIELD_IGNORED spec.rules[1] 15'])
    expect(found(POLICY.replace('name: check', 'name: autogen-own'))).toEqual([])
  })

  test('finds an override that selects by labels which no rule reads', () => {
    const sound = `${POLICY}      attestors: [{entries: [{keys: {publicKeys: k}}]}]\n`
    const text = sound.replace(
      '  rules:\n',
      '  validationFailureActionOverrides: [{action: Audit, namespaceSelector: {matchLabels: {a: b}}}, ' +
        '{action: Audit, namespaces: [x]}]\n  rules:\n',
    )
    expect(findings(text)).toContain(
      'warning POLICY_FIELD_IGNORED spec.validationFailureActionOverrides[0].namespaceSelector 6',
    )
    expect(
      findings(text.replace('kinds: [Pod]', 'kinds: [Pod]\n          namespaceSelector: {matchLabels: {a: b}}')).filter(
        (finding) => finding.includes('IGNORED'),
      ),
    ).toEqual([])
  })

  test('finds a partial autogen annotation', () => {
    const text = POLICY.replace(
      'name: p',
      'name: p\n  annotations: {pod-policies.kyverno.io/autogen-controllers: Deployment}',
    )
    expect(findings(`${text}      attestors: [{entries: [{keys: {publicKeys: k}}]}]\n`)).toEqual([
      'warning POLICY_AUTOGEN_PARTIAL spec.rules[0].match 9',
    ])
  })
})
