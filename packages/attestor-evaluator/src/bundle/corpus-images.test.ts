import { reasonsOf } from '@verify-images/primitives'
import { summarize } from '../testing/summarize.ts'
import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'
import { expect, test } from 'vitest'
import { attestorOptions } from '../attestor-options.ts'
import type { Outcome } from '../outcome.ts'
import type {
  SignatureVerifier,
  VerificationRun,
  VerifiedAttestations,
  VerifiedSignature,
} from '../signature-verifier.ts'
import { trustedRoot } from '../sigstore/trusted-root.ts'
import { createCorpusSource, readCorpusText } from '../testing/corpus-source.ts'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'
import { type BundleVerifierOptions, createBundleVerifier } from './bundle-verifier.ts'

const user = { issuer: 'https://accounts.example.com', subject: 'user@example.com' }
const workflow = {
  issuer: 'https://token.actions.githubusercontent.com',
  subjectRegExp: '^https://github\\.com/acme/app/',
}
const relaxed = { rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } }
const noLog = { rekor: { ignoreTlog: true } }

const key = (name: string, more: object = {}): AttestorEntry => ({
  keys: { publicKeys: readCorpusText(`registry/trust/${name}.pub`), ...relaxed, ...more },
})
const keyless = (identity: object, more: object = {}): AttestorEntry => ({ keyless: { ...identity, ...more } })
const logged = (name: string): AttestorEntry => key(name, { rekor: {}, ctlog: {} })

type Row = readonly [
  tag: string,
  attestor: string,
  entry: AttestorEntry,
  expected: string,
  options?: BundleVerifierOptions & { readonly root?: string },
]

const signatures: readonly Row[] = [
  ['bundle-a', 'key a', key('a'), 'accepted'],
  ['bundle-a', 'key b', key('b'), 'ATTESTOR_SIGNATURE_INVALID'],
  ['bundle-ab', 'key b', key('b'), 'accepted'],
  ['bundle-both', 'key a, who signed in the older format', key('a'), 'ATTESTOR_SIGNATURE_INVALID'],
  ['bundle-copied', 'key a', key('a'), 'ATTESTOR_BUNDLE_INVALID|ATTESTOR_PAYLOAD_MISMATCH'],
  ['bundle-index', 'key a', key('a'), 'accepted'],
  ['bundle-message-signature', 'key a', key('a'), 'accepted'],
  ['bundle-tampered', 'key a', key('a'), 'ATTESTOR_SIGNATURE_INVALID|ATTESTOR_PAYLOAD_MISMATCH'],
  ['bundle-rsa', 'key rsa', key('rsa'), 'accepted'],
  ['bundle-p384', 'key p384 with SHA-256', key('p384'), 'ATTESTOR_SIGNATURE_INVALID'],
  ['bundle-p384', 'key p384 with SHA-384', key('p384', { signatureAlgorithm: 'sha384' }), 'accepted'],
  ['bundle-ed25519', 'key ed25519', key('ed25519'), 'ATTESTOR_SIGNATURE_INVALID'],
  ['bundle-ed25519', 'key ed25519, prehashed accepted', key('ed25519'), 'accepted', { acceptPrehashedEd25519: true }],
  ['bundle-a', 'key a with an unknown hash', key('a', { signatureAlgorithm: 'md5' }), 'ATTESTOR_POLICY_INVALID'],
  ['signed-a', 'key a', key('a'), 'ATTESTOR_NO_SIGNATURE'],
  ['bundle-key-tlog', 'key a and the log', logged('a'), 'accepted'],
  ['bundle-key-tlog', 'key b and the log', logged('b'), 'ATTESTOR_SIGNATURE_INVALID'],
  ['bundle-a', 'key a and the log', logged('a'), 'ATTESTOR_LOG_ENTRY_MISSING'],
  ['bundle-attested-vuln-ok', 'key a: a scan is no signature', key('a'), 'ATTESTOR_NO_SIGNATURE'],
  ['bundle-attested-vuln-ok', 'key a: upstream reading', key('a'), 'accepted', { acceptAnyStatementAsSignature: true }],
  ['bundle-attested-slsa', 'key a: provenance is a signature', key('a'), 'accepted'],
  ['bundle-keyless', 'user', keyless(user), 'accepted'],
  [
    'bundle-keyless',
    'user as pattern',
    keyless({ issuerRegExp: '^https://accounts', subjectRegExp: '@example\\.com$' }),
    'accepted',
  ],
  ['bundle-keyless', 'a star is a star', keyless({ ...user, subject: '*@example.com' }), 'ATTESTOR_IDENTITY_MISMATCH'],
  [
    'bundle-keyless',
    'exact value right, pattern wrong',
    keyless({ ...user, subjectRegExp: '^nobody$' }),
    'ATTESTOR_IDENTITY_MISMATCH',
  ],
  [
    'bundle-keyless',
    'pattern right, exact value wrong',
    keyless({ ...user, subject: 'nobody', subjectRegExp: '^user' }),
    'ATTESTOR_IDENTITY_MISMATCH',
  ],
  [
    'bundle-keyless',
    'other issuer',
    keyless({ ...user, issuer: 'https://evil.example.com' }),
    'ATTESTOR_IDENTITY_MISMATCH',
  ],
  ['bundle-keyless', 'no subject', keyless({ issuer: user.issuer }), 'ATTESTOR_POLICY_INVALID'],
  ['bundle-keyless', 'an invalid pattern', keyless({ ...user, subjectRegExp: '(' }), 'ATTESTOR_POLICY_INVALID'],
  [
    'bundle-keyless',
    'an extension with the wrong value',
    keyless({ ...user, additionalExtensions: { githubWorkflowRef: 'refs/heads/main' } }),
    'ATTESTOR_IDENTITY_MISMATCH',
  ],
  [
    'bundle-keyless-uri',
    'an extension with the right value',
    keyless({ ...workflow, additionalExtensions: { githubWorkflowRepository: 'acme/*' } }),
    'accepted',
  ],
  ['bundle-keyless', 'ignoreSCT alone', keyless(user, { ctlog: { ignoreSCT: true } }), 'ATTESTOR_POLICY_INVALID'],
  ['bundle-keyless', 'certificate attestor', { certificates: { cert: 'x', ...relaxed } }, 'ATTESTOR_POLICY_INVALID'],
  ['bundle-keyless', 'no attestor', {}, 'ATTESTOR_POLICY_INVALID'],
  ['bundle-keyless', 'clock of the verifier', keyless(user, relaxed), 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['bundle-keyless-intoto', 'user', keyless(user), 'accepted'],
  ['bundle-keyless-uri', 'workflow', keyless(workflow), 'accepted'],
  ['bundle-keyless-bad-proof', 'user', keyless(user), 'ATTESTOR_LOG_ENTRY_INVALID'],
  ['bundle-keyless-chain-form-v03', 'user', keyless(user), 'ATTESTOR_BUNDLE_INVALID'],
  ['bundle-keyless-expired', 'user', keyless(user), 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['bundle-keyless-no-proof', 'user', keyless(user), 'ATTESTOR_BUNDLE_INVALID'],
  ['bundle-keyless-no-sct', 'user', keyless(user), 'ATTESTOR_SCT_INVALID'],
  [
    'bundle-keyless-no-sct',
    'user, unseen certificates accepted',
    keyless(user),
    'accepted',
    { acceptCertificatesWithoutSct: true },
  ],
  ['bundle-keyless-no-set', 'user', keyless(user), 'accepted'],
  ['bundle-keyless-no-time', 'user', keyless(user), 'ATTESTOR_TIMESTAMP_MISSING'],
  ['bundle-keyless-no-tlog', 'user', keyless(user), 'ATTESTOR_LOG_ENTRY_MISSING'],
  ['bundle-keyless-no-tlog', 'user, log ignored', keyless(user, noLog), 'ATTESTOR_TIMESTAMP_MISSING'],
  ['bundle-keyless-other-root', 'user', keyless(user), 'ATTESTOR_LOG_ENTRY_MISSING'],
  [
    'bundle-keyless-other-root',
    'user under its own root',
    keyless(user),
    'accepted',
    { root: 'sigstore-2/trusted_root.json' },
  ],
  ['bundle-keyless-tsa-only', 'user', keyless(user), 'ATTESTOR_LOG_ENTRY_MISSING'],
  ['bundle-keyless-tsa-only', 'user, log ignored', keyless(user, noLog), 'accepted'],
  [
    'bundle-keyless-tsa-only',
    'user, another authority named',
    keyless(user, { ...noLog, ctlog: { tsaCertChain: readCorpusText('registry/trust/sigstore-2/tsa-chain.pem') } }),
    'ATTESTOR_TIMESTAMP_MISSING',
  ],
  ['bundle-keyless-wrong-entry', 'user', keyless(user), 'ATTESTOR_LOG_ENTRY_INVALID'],
  ['bundle-keyless-github-attestation-like', 'workflow', keyless(workflow), 'accepted'],
  ['bundle-rekor2', 'user', keyless(user), 'accepted', { root: 'sigstore-1/trusted_root-rekor2.json' }],
  ['bundle-rekor2', 'user, second log unknown', keyless(user), 'ATTESTOR_LOG_ENTRY_MISSING'],
  [
    'bundle-rekor2-bad-checkpoint',
    'user',
    keyless(user),
    'ATTESTOR_LOG_ENTRY_INVALID',
    { root: 'sigstore-1/trusted_root-rekor2.json' },
  ],
  [
    'bundle-rekor2-no-tsa',
    'user',
    keyless(user),
    'ATTESTOR_TIMESTAMP_MISSING',
    { root: 'sigstore-1/trusted_root-rekor2.json' },
  ],
  ['bundle-v01', 'user', keyless(user), 'accepted'],
  ['bundle-v02', 'user', keyless(user), 'accepted'],
  ['bundle-annotated', 'annotations that are there', { ...key('a'), annotations: { env: 'prod' } }, 'accepted'],
  [
    'bundle-annotated',
    'annotations with another value',
    { ...key('a'), annotations: { env: 'dev' } },
    'ATTESTOR_ANNOTATION_MISMATCH',
  ],
  [
    'bundle-a',
    'annotations that are not there',
    { ...key('a'), annotations: { toString: 'x' } },
    'ATTESTOR_ANNOTATION_MISMATCH',
  ],
  [
    'bundle-message-signature',
    'annotations of a message',
    { ...key('a'), annotations: { env: 'prod' } },
    'ATTESTOR_ANNOTATION_MISMATCH',
  ],
  [
    'bundle-a',
    'signatures in a repository without any',
    { ...key('a'), repository: 'registry.local:5000/attacks' },
    'ATTESTOR_NO_SIGNATURE',
  ],
]

test.each(signatures.map((row): readonly [string, Row] => [`${row[0]}, ${row[1]}`, row]))(
  'verifies or rejects as expected: %s',
  async (_title, [tag, , entry, expected, { root, ...options } = {}]) => {
    const outcome = await verifier(options).verifySignature(request(tag, entry), run(root))
    expect(expected.split('|')).toContain(codeOf(outcome))
    if (outcome.kind === 'accepted')
      expect(outcome.evidence).toMatchObject([{ format: 'sigstore-bundle', signedDigest: outcome.digest }])
  },
)

test('tells unusable attestors from bundles that do not verify', async () => {
  const summary = async (tag: string, entry: AttestorEntry): Promise<string> => {
    const outcome = summarize(await createBundleVerifier().verifySignature(request(tag, entry), run()))
    return outcome.kind === 'accepted' ? '' : outcome.summary
  }
  expect(await summary('bundle-a', key('b'))).toBe('verify-bundles(the signature of the bundle is invalid)')
  expect(await summary('signed-a', key('a'))).toBe('verify-bundles(the image has no bundle that verifies)')
  expect(await summary('bundle-keyless', keyless({ issuer: user.issuer }))).toBe('unusable-for-bundles')
  expect(await summary('bundle-keyless', keyless(user, { ctlog: { ignoreSCT: true } }))).toBe(
    '`ignoreSCT` without `ignoreTlog` leaves no clock to verify a bundle with',
  )
  expect(await summary('bundle-a', key('a', { signatureAlgorithm: 'md5' }))).toBe('signature-algorithm-unknown')
})

const vulnerabilities = 'https://cosign.sigstore.dev/attestation/vuln/v1'
const attestations: readonly (readonly [string, AttestorEntry, string, readonly unknown[] | string])[] = [
  ['bundle-attested-vuln-ok', key('a'), vulnerabilities, [0]],
  ['bundle-two-vuln', key('a'), vulnerabilities, [0, 3]],
  ['bundle-attested-by-b', key('a'), vulnerabilities, 'ATTESTOR_SIGNATURE_INVALID'],
  ['bundle-attested-vuln-ok', key('a'), 'https://slsa.dev/provenance/v1', 'ATTESTOR_NO_SIGNATURE'],
  ['bundle-a-attested-a', key('a'), vulnerabilities, [0]],
  ['bundle-keyless-attested-vuln', keyless(user), vulnerabilities, [0]],
  [
    'bundle-keyless-attested-vuln',
    keyless({ ...user, subject: 'mallory@example.net' }),
    vulnerabilities,
    'ATTESTOR_IDENTITY_MISMATCH',
  ],
  ['bundle-keyless-github-attestation-like', keyless(workflow), 'https://slsa.dev/provenance/v1', [undefined]],
  ['bundle-attested-vuln-ok', {}, vulnerabilities, 'ATTESTOR_POLICY_INVALID'],
]

test.each(attestations)(
  'evaluates the attestations of %s as Kyverno does',
  async (tag, entry, predicateType, expected) => {
    const outcome = await createBundleVerifier().verifyAttestations(
      { ...request(tag, entry, 'attestation'), predicateType },
      run(),
    )
    if (typeof expected === 'string') return expect(codeOf(outcome)).toBe(expected)
    expect(outcome.kind === 'accepted' && outcome.statements.map(({ statement }) => statement.type)).toEqual(
      expected.map(() => predicateType),
    )
    expect(
      outcome.kind === 'accepted' &&
        outcome.statements.map(({ statement }) => criticalCount(statement.predicate)).sort(),
    ).toEqual(expected)
  },
)

test('needs no trust root for a key without log and clock', async () => {
  const { trust: _trust, ...without } = run()
  expect((await createBundleVerifier().verifySignature(request('bundle-a', key('a')), without)).kind).toBe('accepted')
  expect((await createBundleVerifier().verifySignature(request('bundle-key-tlog', logged('a')), without)).kind).toBe(
    'inconclusive',
  )
})

test('requests only the referrers, their manifests and their bundles', async () => {
  const source = createCorpusSource()
  await createBundleVerifier().verifySignature(request('bundle-a', key('a')), { ...run(), source })
  expect(source.asked.map((line) => line.split(' ')[0])).toEqual(['manifest', 'referrers', 'manifest', 'blob'])
})

test('asks for an image that is given by its digest: referrers can outlive it', async () => {
  const source = createCorpusSource()
  const stored = await source.fetchManifest('registry.local:5000/app', 'bundle-a', AbortSignal.timeout(20_000))
  if (!('digest' in stored)) throw new Error('the corpus has the image')
  const { image, ...rest } = request('bundle-a', key('a'))
  const byDigest = {
    ...rest,
    image: { reference: `${image.repository}@${stored.digest}`, repository: image.repository, digest: stored.digest },
  }
  source.asked.length = 0
  expect((await createBundleVerifier().verifySignature(byDigest, { ...run(), source })).kind).toBe('accepted')
  expect(source.asked.map((line) => line.split(' ')[0])).toEqual(['manifest', 'referrers', 'manifest', 'blob'])
  const gone: typeof source = {
    ...source,
    fetchManifest: async (repository, reference, signal) =>
      reference === stored.digest
        ? source.fetchManifest(repository, 'no-such-tag', signal)
        : source.fetchManifest(repository, reference, signal),
  }
  const outcome = await createBundleVerifier().verifySignature(byDigest, { ...run(), source: gone })
  expect(outcome.kind).toBe('rejected')
  expect(outcome.kind === 'accepted' ? [] : reasonsOf(outcome.failure)).toMatchObject([
    { code: 'ATTESTOR_IMAGE_NOT_FOUND' },
  ])
})

test('rejects an invalid number of logs', () => {
  expect(() => createBundleVerifier({ requiredLogs: 0 })).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_OPTIONS_INVALID' }),
  )
})

function verifier(options: BundleVerifierOptions): SignatureVerifier {
  return createBundleVerifier(options)
}

function request(
  tag: string,
  entry: AttestorEntry,
  purpose: 'signature' | 'attestation' = 'signature',
): Parameters<SignatureVerifier['verifySignature']>[0] {
  const verification: ImageVerification = {
    type: 'SigstoreBundle',
    mutateDigest: true,
    verifyDigest: true,
    required: true,
    useCache: true,
  }
  const repository = 'registry.local:5000/app'
  return {
    image: { reference: `${repository}:${tag}`, repository, tag },
    attestor: attestorOptions(verification, entry, purpose),
    path: 'entries[0]',
  }
}

function run(root = 'sigstore-1/trusted_root.json'): VerificationRun {
  return {
    source: createCorpusSource(),
    trust: trustedRoot(readCorpusText(`registry/trust/${root}`)),
    now: new Date('2026-11-25T00:00:00Z'),
    signal: AbortSignal.timeout(20_000),
    memo: createVerificationMemo(),
    budget: createEvaluationBudget(),
  }
}

function codeOf(outcome: Outcome<VerifiedSignature> | Outcome<VerifiedAttestations>): string {
  return outcome.kind === 'accepted' ? 'accepted' : reasonsOf(outcome.failure)[0].code
}

function criticalCount(predicate: unknown): unknown {
  return (predicate as { scanner?: { result?: { criticalCount?: number } } }).scanner?.result?.criticalCount
}
