import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { parseExceptions, parsePolicies } from '../parse-policies.ts'
import { readCorpusText, startCorpusRegistry } from '../testing/corpus-registry.ts'
import { clusterPolicy } from '@verify-images/testing/internal'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'
import { createSigningWorld, vulnerabilities } from '@verify-images/testing'
import { explain } from './explain.ts'
import type { Policy } from '@verify-images/policy-parser'
import type { ImageVerdict, ResourceVerdict } from './verdict.ts'

let world: Awaited<ReturnType<typeof startCorpusRegistry>>
beforeAll(async () => {
  world = await startCorpusRegistry()
})
afterAll(() => world.close())

async function judge(tag: string, entry: object, options: Partial<ImageVerifierOptions> = {}): Promise<ImageVerdict> {
  const policies = policyOf([{ imageReferences: ['registry.local:5000/*'], ...entry }])
  const verifier = createImageVerifier({
    policies,
    registry: world.registry,
    clock: () => new Date('2026-11-25T00:00:00Z'),
    ...options,
  })
  return verifier.verifyImage(`registry.local:5000/app:${tag}`)
}

const notary = {
  type: 'Notary',
  attestors: [{ entries: [{ certificates: { cert: readCorpusText('registry/trust/notation/rsa-root.pem') } }] }],
}
const key = {
  publicKeys: readCorpusText('registry/trust/b.pub'),
  rekor: { ignoreTlog: true },
  ctlog: { ignoreSCT: true },
}
const cosign = { type: 'Cosign', attestors: [{ entries: [{ keys: key }] }] }

test('depth `all` lists the details of Notary Project evidence, one per line', async () => {
  const text = explain(await judge('notation-metadata', notary), { depth: 'all' })
  expect(text).toMatch(/ {4}\+ notary-jws over sha256:24b0d810c683\S+ by certificate of CN=/)
  for (const line of [
    /^ {8}trust policy kyverno, level strict$/m,
    /^ {8}notary\.x509, signing time 2026-\S+ as the signer claims$/m,
    /^ {8}trusted by ca:\S+: CN=/m,
    /^ {8}revocation of CN=.*: not-revocable$/m,
    /^ {8}metadata env=prod$/m,
  ]) {
    expect(text).toMatch(line)
  }
})

test('depth `summary` leaves out the evidence', async () => {
  expect(explain(await judge('notation-metadata', notary))).toBe('admitted: every rule passed')
})

test('a bundle that verifies an image where Kyverno looks for a tag is noted in warnings and evidence', async () => {
  const verdict = await judge('bundle-b', cosign, { attestors: { discovery: 'auto' } })
  expect(verdict.admitted).toBe(true)
  expect(verdict.warnings).toEqual([
    'policy signed.check: registry.local:5000/app:bundle-b is verified by a sigstore-bundle, ' +
      'which Kyverno does not look for',
  ])
  expect(explain(verdict, { depth: 'all' })).toContain('in a format that Kyverno does not look for')
})

test('an image verified in the format that Kyverno looks for has no warning', async () => {
  expect((await judge('signed-b', cosign, { attestors: { discovery: 'auto' } })).warnings).toEqual([])
  expect(
    (await judge('bundle-b', { ...cosign, type: 'SigstoreBundle' }, { attestors: { discovery: 'auto' } })).warnings,
  ).toEqual([])
})

test('a denied image has no warnings', async () => {
  expect(await judge('bundle-b', cosign)).toMatchObject({ admitted: false, warnings: [] })
})

const allow = parseExceptions(
  JSON.stringify({
    apiVersion: 'kyverno.io/v2',
    kind: 'PolicyException',
    metadata: { name: 'allow', namespace: 'team' },
    spec: {
      exceptions: [{ policyName: 'signed', ruleNames: ['check'] }],
      match: { any: [{ resources: { kinds: ['Pod'] } }] },
    },
  }),
)

test('a rule skipped by an exception is not reported as passed', async () => {
  expect(explain(await judge('unsigned', cosign, { exceptions: allow }))).toBe(
    'admitted: every rule was skipped: signed/check by the exception team/allow',
  )
  const policies = [
    ...policyOf([{ imageReferences: ['registry.local:5000/*'], ...cosign }]),
    ...policyOf([{ imageReferences: ['registry.local:5000/*'], ...cosign }], { name: 'also' }),
  ]
  expect(explain(await judge('signed-b', cosign, { policies, exceptions: allow }))).toBe(
    'admitted: every rule passed or was skipped: signed/check by the exception team/allow',
  )
})

test('a skipped rule is named with its reason', async () => {
  const policies = policyOf([{ imageReferences: ['registry.local:5000/*'], ...cosign }], {
    rule: { preconditions: { all: [{ key: 'a', operator: 'Equals', value: 'b' }] } },
  })
  expect(explain(await judge('signed-b', cosign, { policies }))).toBe(
    'admitted: every rule was skipped: signed/check because preconditions not met',
  )
})

test('a scan is explained by its outcome, without an admission decision', async () => {
  const scan = (tag: string): ReturnType<ReturnType<typeof createImageVerifier>['scan']> =>
    createImageVerifier({
      policies: policyOf([{ imageReferences: ['registry.local:5000/*'], ...cosign }], { spec: { background: true } }),
      registry: world.registry,
    }).scan(podOf(`registry.local:5000/app:${tag}`))
  expect(explain(await scan('signed-b'))).toBe('every rule passed')
  expect(explain(await scan('unsigned'))).toMatch(/^rejected: registry\.local:5000\/app:unsigned is rejected\n/)
  expect(explain(await scan('unsigned'), { depth: 'all' })).toContain('ATTESTOR_NO_SIGNATURE')
})

test('an image that no policy matches is named when it is the cause of a denial', async () => {
  const policies = policyOf([{ imageReferences: ['registry.local:5000/*'], ...cosign }])
  const verifier = createImageVerifier({ policies, registry: world.registry, unmatched: 'refuse' })
  expect(
    explain(await verifier.verifyResource(podOf('registry.local:5000/app:signed-b', 'elsewhere.test/app:1'))),
  ).toMatch(/^denied: no policy matches the image elsewhere\.test\/app:1 /)
  expect(explain(await verifier.verifyImage('elsewhere.test/app:1'))).toBe('denied: no policy matches it')
})

const twoImages = (policies: readonly Policy[]): Promise<ResourceVerdict> =>
  createImageVerifier({ policies, registry: world.registry }).verifyResource({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: 'default' },
    spec: {
      template: {
        spec: {
          initContainers: [{ name: 'ok', image: 'registry.local:5000/app:signed-b' }],
          containers: [
            { name: 'a', image: 'registry.local:5000/app:unsigned' },
            { name: 'b', image: 'registry.local:5000/app:signed-a' },
          ],
        },
      },
    },
  })

test('every image that is not accepted is listed with the place of the rule and the reasons', async () => {
  const policy = clusterPolicy([{ imageReferences: ['registry.local:5000/*'], ...cosign }])
  const policies = parsePolicies(JSON.stringify(policy, undefined, 2), { source: 'policies/signed.json' })
  const lines = explain(await twoImages(policies)).split('\n')
  expect(lines).toEqual([
    'denied: 2 images are rejected',
    '  registry.local:5000/app:unsigned is rejected by policy signed, rule autogen-check (policies/signed.json:11)',
    expect.stringMatching(
      /^ {4}- ATTESTOR_NO_SIGNATURE: the image is not signed; at attestors\[0\]\.entries\[0\] \(policies\/signed\.json:\d+\)$/,
    ),
    expect.stringMatching(/^ {4}Kyverno: failed to verify image registry\.local:5000\/app:unsigned: /),
    '  registry.local:5000/app:signed-a is rejected by policy signed, rule autogen-check (policies/signed.json:11)',
    expect.stringMatching(
      /^ {4}- ATTESTOR_SIGNATURE_INVALID: .*; at attestors\[0\]\.entries\[0\] \(policies\/signed\.json:\d+\); candidate sha256:/,
    ),
    expect.stringMatching(/^ {4}Kyverno: failed to verify image registry\.local:5000\/app:signed-a: /),
  ])
})

test('each reason names policy, rule, image, and the line of its attestor', async () => {
  const { rules } = await twoImages(
    parsePolicies(
      `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.local:5000/*']
          attestors:
            - entries:
                - keys: ${JSON.stringify(key)}
        - imageReferences: ['registry.local:5000/*']
          attestors:
            - entries:
                - keys: ${JSON.stringify(key)}
`,
      { source: 'signed.yaml' },
    ),
  )
  const reasons = rules.filter(({ phase }) => phase === 'mutate').flatMap((row) => row.reasons)
  expect(reasons[0]).toMatchObject({
    code: 'ATTESTOR_NO_SIGNATURE',
    policy: 'signed',
    rule: 'autogen-check',
    image: 'registry.local:5000/app:unsigned',
    path: 'attestors[0].entries[0]',
    source: 'signed.yaml',
    line: 13,
  })
  expect(new Set(reasons.map(({ line }) => line))).toEqual(new Set([13, 17]))
  expect(reasons.map(({ policy, rule, image }) => `${policy}/${rule} ${String(image)}`)).not.toContain(undefined)
})

test('Markdown has a table of what is wrong, and none of its text is markup', async () => {
  const policies = policyOf([{ imageReferences: ['registry.local:5000/*'], ...cosign }])
  const verdict = await twoImages(policies)
  const [first] = verdict.rules
  const forged = {
    ...verdict,
    rules: [{ ...first, image: '[click](https://evil.test) | @all <img>' }],
  } as ResourceVerdict
  expect(explain(verdict, { format: 'markdown' })).toMatch(
    /^\*\*denied: 2 images are rejected\*\*\n\n\| image \| outcome \| policy \| reasons \|\n/,
  )
  const text = explain(forged, { format: 'markdown' })
  expect(text).not.toMatch(/\[click\]|@all|<img>/)
  const [refused = ''] = text.split('| verified image')
  const rows = refused.split('\n').filter((line) => line.startsWith('| '))
  expect(rows.map((line) => line.split(' | ').length)).toEqual(rows.map(() => 4))
})

test('Markdown lists what was verified', async () => {
  const verifier = createImageVerifier({
    policies: policyOf([{ imageReferences: ['registry.local:5000/*'], ...cosign }]),
    registry: world.registry,
  })
  const verdict = await verifier.verifyResource(podOf('registry.local:5000/app:signed-b'))
  expect(explain(verdict, { format: 'markdown' })).toMatch(
    /^\*\*admitted: every rule passed\*\*\n\n\| verified image \| digest \|\n\| --- \| --- \|\n\| registry\.local:5000\/app:signed-b \| sha256:[0-9a-f]{64} \|\n$/,
  )
})

// Arguments of callers without type checks.
test.each<[unknown, unknown]>([
  [undefined, {}],
  [null, {}],
  [{}, {}],
  [{ rules: [null] }, {}],
  [{ rules: [] }, { depth: 'al' }],
  [{ rules: [] }, { format: 'html' }],
  [{ rules: [] }, { deep: true }],
])('refuses to explain %j with options %j', (verdict, options) => {
  expect(() => explain(verdict as never, options as never)).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID' }),
  )
})

test('a failed condition is named with the expected and the actual value', async () => {
  const signing = await createSigningWorld()
  try {
    const scanner = signing.key('scanner')
    const image = signing.image('registry.test/app:1').attestedBy(scanner, vulnerabilities({ critical: 3 }))
    const entry = {
      imageReferences: ['registry.test/*'],
      attestations: [
        {
          type: 'https://cosign.sigstore.dev/attestation/vuln/v1',
          attestors: [{ entries: [keyAttestor(scanner)] }],
          conditions: [{ all: [{ key: '{{ scanner.result.criticalCount }}', operator: 'Equals', value: 0 }] }],
        },
      ],
    }
    const verdict = await createImageVerifier({
      policies: policyOf([entry]),
      registry: signing.registryClient(),
    }).verifyImage(image.reference)
    expect(verdict.rules[0]?.reasons).toMatchObject([
      {
        code: 'ATTESTOR_CONDITION_NOT_MET',
        expected: '{{ scanner.result.criticalCount }} Equals 0',
        actual: '3',
      },
    ])
    expect(explain(verdict)).toContain('; expected {{ scanner.result.criticalCount }} Equals 0; got 3')
  } finally {
    await signing.close()
  }
})
