import { readdirSync, readFileSync } from 'node:fs'
import type { Failure, ReasonDetail, Step } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { presentFailure } from './present-failure.ts'

/**
 * What Kyverno's texts claim and we never do: retries, files, Sigstore's client on the machine, the public log. None of
 * it may be printed, whatever the facts are.
 */
const FALSE_CLAIMS = [
  /attempt\(s\)|giving up after/,
  /no such file or directory|\bopen \S+\.pub/,
  /cosign initialize|SIGSTORE_[A-Z_]+|TUF_ROOT|COSIGN_[A-Z_]+/,
  /https:\/\/|rekor\.sigstore\.dev|fulcio\.sigstore\.dev/,
  /COSIGN_EXPERIMENTAL|--[a-z-]+/,
]

const problem = 'the problem'
const image = 'registry.test/app:1'
const digest = `sha256:${'0'.repeat(64)}`
const at = '2026-01-01T00:00:00.000Z'
const [notBefore, notAfter] = ['2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z']

const attestorDetails: readonly ReasonDetail[] = [
  { kind: 'attestor-no-attestors' },
  { kind: 'attestor-attestation-without-type', path: '.attestations[0]' },
  { kind: 'attestor-malformed-nested-set', path: '.entries[0]' },
  { kind: 'attestor-too-few-signers' },
  { kind: 'attestor-statement-missing', predicateType: 'https://slsa.test/v1' },
  { kind: 'attestor-predicate-missing' },
  { kind: 'attestor-conditions-not-evaluated', problem },
  { kind: 'attestor-conditions-not-met', image, predicateType: 'slsa', problem },
  { kind: 'attestor-no-signatures' },
  { kind: 'attestor-no-attestations' },
  { kind: 'attestor-annotations-missing' },
  { kind: 'attestor-signer-missing' },
  { kind: 'attestor-too-many-layers', count: 1001, limit: 1000 },
  { kind: 'attestor-layer-too-large', size: 2, limit: 1 },
  { kind: 'attestor-signed-digest-mismatch', actual: digest },
  { kind: 'attestor-subject-mismatch' },
  { kind: 'attestor-envelope-payload-type', actual: 'a', expected: 'b' },
  { kind: 'attestor-envelope-unsigned' },
  { kind: 'attestor-envelope-signatures-invalid' },
  { kind: 'attestor-log-search-failed', problem },
  { kind: 'attestor-not-in-log' },
  { kind: 'attestor-sct-missing' },
  { kind: 'attestor-certificate-unknown-authority' },
  ...(['log-promise', 'timestamp-authority', 'evaluation'] as const).flatMap((clock) =>
    [true, false].map((expired) => ({
      kind: 'attestor-certificate-not-valid-at' as const,
      ...{ isIssuer: expired, clock, expired, bound: notAfter, at },
    })),
  ),
  { kind: 'attestor-certificate-expired-untimed' },
  { kind: 'attestor-certificate-chain-too-long', count: 11, limit: 10 },
  { kind: 'attestor-repository-name-invalid', repository: 'A', problem },
  ...(['ec', 'rsa', 'ed25519'] as const).map((key) => ({ kind: 'attestor-signature-invalid' as const, key })),
  { kind: 'attestor-signature-algorithm-unknown', name: 'md5' },
  ...(['public-key', 'certificate', 'trust-anchors'] as const).map((of) => ({
    kind: 'attestor-pem-invalid' as const,
    of,
  })),
  { kind: 'attestor-key-not-resolved', problem },
  ...(['subject', 'issuer'] as const).flatMap((field) => [
    { kind: 'attestor-identity-mismatch' as const, field, expected: 'a', actual: 'b' },
    { kind: 'attestor-pattern-invalid' as const, field, pattern: '(', problem },
  ]),
  { kind: 'attestor-extension-mismatch', name: 'githubWorkflowRef', expected: 'a', actual: 'b' },
  { kind: 'attestor-extension-unknown', name: 'x' },
  { kind: 'attestor-log-not-trusted' },
  { kind: 'attestor-log-entry-of-another-signature' },
  { kind: 'attestor-unusable-for-bundles' },
]

const certificateDetails: readonly ReasonDetail[] = [
  { kind: 'certificate-validity', at, notBefore, notAfter },
  { kind: 'certificate-validity', at: '2027-01-01T00:00:00.000Z', notBefore, notAfter },
  ...(['ec', 'rsa', 'ed25519'] as const).map((key) => ({ kind: 'certificate-signature' as const, key })),
  { kind: 'certificate-authority' },
  { kind: 'certificate-authority', candidate: { name: 'root', problem } },
  ...(
    [
      'certificate-usage',
      'certificate-critical-extension',
      'certificate-issuer-name',
      'certificate-not-a-ca',
      'certificate-path-length',
      'certificate-algorithm',
      'certificate-search-limit',
    ] as const
  ).map((kind) => ({ kind })),
]

const registryDetails: readonly ReasonDetail[] = [
  {
    kind: 'registry-answer',
    ...{ method: 'GET', url: 'http://registry.test/v2/app/manifests/1', status: 500, errors: [] },
  },
  {
    kind: 'registry-answer',
    ...{ method: 'GET', url: 'http://registry.test/v2/app/manifests/1', status: 404 },
    errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }],
  },
  ...(['dial', 'answer', 'body'] as const).map((stage) => ({
    kind: 'registry-transport' as const,
    ...{ stage, fault: 'refused' as const, systemCode: 'ECONNREFUSED', method: 'GET' as const },
    ...{ url: 'http://registry.test/v2/app/manifests/1', host: 'registry.test', address: '203.0.113.1:80' },
  })),
  ...(['deadline', 'caller'] as const).map((by) => ({ kind: 'registry-aborted' as const, by })),
  {
    kind: 'registry-aborted',
    by: 'deadline',
    request: { method: 'GET', url: 'http://registry.test/v2/app/manifests/1' },
  },
  ...(['manifest', 'blob'] as const).map((of) => ({
    kind: 'registry-digest-mismatch' as const,
    ...{ of, expected: digest, actual: `sha256:${'1'.repeat(64)}`, size: 2, repository: 'registry.test/app' },
  })),
  { kind: 'registry-reference-invalid', reference: 'A' },
  ...(['json-cut-short', 'json-invalid', 'auth-without-password'] as const).map((problem) => ({
    kind: 'registry-credentials-invalid' as const,
    problem,
  })),
]

const steps: readonly Step[] = [
  { kind: 'attestor-verify-signatures', image },
  { kind: 'attestor-verify-attestation', verifiedCount: 0, requiredCount: 1 },
  { kind: 'attestor-set' },
  { kind: 'attestor-entry', path: '.attestors[0].entries[0]', attestor: 'keys' },
  ...(['signatures', 'attestations'] as const).flatMap((of) => [
    { kind: 'attestor-resolve-image' as const, of },
    { kind: 'attestor-verify-candidates' as const, of },
  ]),
  { kind: 'attestor-select-signatures', verified: 1 },
  { kind: 'attestor-match-annotations' },
  { kind: 'attestor-select-statements' },
  { kind: 'attestor-verify-certificate' },
  { kind: 'attestor-validate-certificate-chain' },
  { kind: 'attestor-load-certificate', text: 'PEM' },
  { kind: 'attestor-load-certificate-chain' },
  { kind: 'attestor-load-trust-anchors' },
  ...(['certificate-authorities', 'transparency-log-keys', 'certificate-log-keys'] as const).map((what) => ({
    kind: 'attestor-load-trust' as const,
    what,
  })),
  { kind: 'attestor-load-key' },
  { kind: 'attestor-load-key', reference: 'cosign.pub' },
  { kind: 'attestor-verify-log-entry' },
  { kind: 'attestor-list-bundles', image },
  ...(['manifest', 'layer', 'content'] as const).map((part) => ({ kind: 'attestor-fetch-bundle' as const, part })),
  { kind: 'attestor-load-bundle-trust', image },
  { kind: 'attestor-verify-bundles', image },
  { kind: 'attestor-verify-bundles', image, firstUnread: 0 },
]

const details = [...attestorDetails, ...certificateDetails, ...registryDetails]
const reasonWith = (detail?: ReasonDetail): Failure => ({
  kind: 'reason',
  reason: { code: 'ATTESTOR_SIGNATURE_INVALID', message: problem },
  inconclusive: false,
  ...(detail !== undefined && { detail }),
})

test.each(details)('the text for %o is not empty and claims nothing that did not happen', (detail) => {
  const { text } = presentFailure(reasonWith(detail))
  expect(text.trim()).not.toBe('')
  // What a policy names as a type may be a URL.
  for (const claim of FALSE_CLAIMS) expect(text.replace('https://slsa.test/v1', '')).not.toMatch(claim)
})

test.each(steps)('the text for the step %o keeps what failed, and claims nothing that did not happen', (step) => {
  const { text } = presentFailure({ kind: 'step', step, failures: [reasonWith()] })
  // Kyverno names no bundle when each was read and none verified.
  const isSilent = step.kind === 'attestor-verify-bundles' && step.firstUnread === undefined
  if (!('limit' in step) && !isSilent) expect(text).toContain(problem)
  for (const claim of FALSE_CLAIMS) expect(text).not.toMatch(claim)
})

test('every kind of detail and step is among the examples', () => {
  const folder = new URL('../../../../primitives/src/reasons/', import.meta.url)
  const declared = readdirSync(folder)
    .filter((file) => file.endsWith('-detail.ts'))
    .flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/'([a-z]+(?:-[a-z0-9]+)+)'/g)])
    .flatMap(([, kind = '']) => (/^(?:registry|certificate|attestor)-/.test(kind) ? [kind] : []))
  const shown = new Set<string>([...details, ...steps].map(({ kind }) => kind))
  const values = ['certificate-authorities', 'certificate-log-keys']
  expect([...new Set(declared)].filter((kind) => !shown.has(kind) && !values.includes(kind))).toEqual([])
})
