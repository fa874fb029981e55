import type { AttestorDetail, AttestorStep, Failure, RegistryDetail } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { presentFailure } from './present-failure.ts'

const ours = (message: string): Extract<Failure, { kind: 'reason' }> => ({
  kind: 'reason',
  reason: { code: 'ATTESTOR_POLICY_INVALID', message },
  inconclusive: false,
})
const fact = (detail: AttestorDetail): Failure => ({ ...ours('our message'), detail })
const step = (of: AttestorStep, ...[first = ours('cause'), ...rest]: readonly Failure[]): Failure => ({
  kind: 'step',
  step: of,
  failures: [first, ...rest],
})
const connectionRefused: RegistryDetail = {
  kind: 'registry-transport',
  stage: 'dial',
  fault: 'refused',
  systemCode: 'ECONNREFUSED',
  method: 'GET',
  url: 'https://registry.test/v2/',
  host: 'registry.test',
  address: '203.0.113.1:443',
}
const textOf = (failure: Failure): string => presentFailure(failure).text

test.each<[AttestorDetail, string]>([
  [{ kind: 'attestor-no-attestors' }, 'invalid response: nil'],
  [{ kind: 'attestor-attestation-without-type', path: '.attestations[0]' }, '.attestations[0]: missing type'],
  [
    { kind: 'attestor-malformed-nested-set', path: '.attestors[0].entries[1]' },
    'failed to unmarshal nested attestor .attestors[0].entries[1]: json: cannot unmarshal',
  ],
  [{ kind: 'attestor-too-few-signers' }, 'attestations verification failed'],
  [{ kind: 'attestor-statement-missing', predicateType: 'x' }, 'attestions not found for predicate type x'],
  [{ kind: 'attestor-predicate-missing' }, 'predicate not found in any statement'],
  [{ kind: 'attestor-conditions-not-evaluated', problem: 'unknown key' }, 'failed to check attestations: unknown key'],
  [
    { kind: 'attestor-conditions-not-met', image: 'r/app:1', predicateType: 'scan', problem: 'too many' },
    'attestation checks failed for r/app:1 and predicate scan: too many',
  ],
  [{ kind: 'attestor-no-signatures' }, 'no signatures found'],
  [{ kind: 'attestor-no-attestations' }, 'no matching attestations: '],
  [{ kind: 'attestor-annotations-missing' }, 'no signature matched the required annotations'],
  [{ kind: 'attestor-signer-missing' }, 'empty key'],
  [{ kind: 'attestor-too-many-layers', count: 1001, limit: 1000 }, 'number of layers (1001) exceeded the limit (1000)'],
  [{ kind: 'attestor-layer-too-large', size: 9, limit: 8 }, 'size of layer (9) exceeded the limit (8)'],
  [{ kind: 'attestor-signed-digest-mismatch', actual: 'x' }, 'invalid or missing digest in claim: x'],
  [{ kind: 'attestor-subject-mismatch' }, 'no matching subject digest found'],
  [
    { kind: 'attestor-envelope-payload-type', actual: 'a', expected: 'b' },
    'invalid payloadType a on envelope. Expected b',
  ],
  [{ kind: 'attestor-envelope-unsigned' }, 'no signature found'],
  [
    { kind: 'attestor-envelope-signatures-invalid' },
    'accepted signatures do not match threshold, Found: 0, Expected 1',
  ],
  [{ kind: 'attestor-log-search-failed', problem: 'gone' }, 'searching log query: gone'],
  [{ kind: 'attestor-not-in-log' }, 'signature not found in transparency log'],
  [{ kind: 'attestor-sct-missing' }, 'certificate does not include required embedded SCT and no detached SCT was set'],
  [{ kind: 'attestor-certificate-unknown-authority' }, 'x509: certificate signed by unknown authority'],
  [
    {
      kind: 'attestor-certificate-not-valid-at',
      clock: 'log-promise',
      isIssuer: false,
      expired: true,
      bound: '2026-01-01T00:00:00Z',
      at: '2026-01-02T00:00:00Z',
    },
    'checking expiry on certificate with bundle: certificate expired before observed time: ' +
      '2026-01-01T00:00:00Z is before 2026-01-02T00:00:00Z',
  ],
  [
    {
      kind: 'attestor-certificate-not-valid-at',
      clock: 'timestamp-authority',
      isIssuer: true,
      expired: false,
      bound: '2026-01-03T00:00:00Z',
      at: '2026-01-02T00:00:00Z',
    },
    'checking expiry on certificate with timestamp: issuing CA certificate was issued after observed time: ' +
      '2026-01-03T00:00:00Z is after 2026-01-02T00:00:00Z',
  ],
  [{ kind: 'attestor-certificate-expired-untimed' }, 'expected a signed timestamp to verify an expired certificate'],
  [
    { kind: 'attestor-certificate-chain-too-long', count: 11, limit: 10 },
    'certificate chain too long (11), maximum allowed is 10',
  ],
  [
    { kind: 'attestor-repository-name-invalid', repository: '::', problem: 'bad' },
    'failed to parse signature repository ::: bad',
  ],
  [{ kind: 'attestor-signature-invalid', key: 'ec' }, 'invalid signature when validating ASN.1 encoded signature'],
  [{ kind: 'attestor-signature-invalid', key: 'rsa' }, 'crypto/rsa: verification error'],
  [{ kind: 'attestor-signature-invalid', key: 'ed25519' }, 'failed to verify signature'],
  [{ kind: 'attestor-signature-algorithm-unknown', name: 'md5' }, 'invalid signature algorithm provided md5'],
  [{ kind: 'attestor-pem-invalid', of: 'public-key' }, 'PEM decoding failed'],
  [{ kind: 'attestor-pem-invalid', of: 'certificate' }, 'error during PEM decoding'],
  [{ kind: 'attestor-pem-invalid', of: 'trust-anchors' }, 'error creating root cert pool'],
  [{ kind: 'attestor-key-not-resolved', problem: 'secrets "b" not found' }, 'secrets "b" not found'],
])('presents %o as Kyverno does', (detail, text) => {
  expect(textOf(fact(detail))).toBe(text)
})

test.each<[AttestorStep, string]>([
  [{ kind: 'attestor-verify-signatures', image: 'r/app:1' }, 'failed to verify image r/app:1: a; b'],
  [
    { kind: 'attestor-verify-attestation', verifiedCount: 1, requiredCount: 2 },
    'image attestations verification failed, verifiedCount: 1, requiredCount: 2, error: a; b',
  ],
  [{ kind: 'attestor-set' }, 'a; b'],
  [
    { kind: 'attestor-entry', path: '.attestors[0].entries[1]', attestor: 'keys' },
    '.attestors[0].entries[1].keys: a; b',
  ],
  [{ kind: 'attestor-entry', path: '.attestors[0]' }, '.attestors[0]: a; b'],
  [{ kind: 'attestor-resolve-image', of: 'signatures' }, 'image tag not found: a; b'],
  [{ kind: 'attestor-resolve-image', of: 'attestations' }, 'a; b'],
  [{ kind: 'attestor-verify-candidates', of: 'signatures' }, 'no matching signatures: a\n b'],
  [{ kind: 'attestor-verify-candidates', of: 'attestations' }, 'no matching attestations: a\n b'],
  [{ kind: 'attestor-select-signatures', verified: 1 }, 'a'],
  [{ kind: 'attestor-match-annotations' }, 'a'],
  [{ kind: 'attestor-select-statements' }, 'a'],
  [{ kind: 'attestor-verify-certificate' }, 'cert verification failed: a; b'],
  [{ kind: 'attestor-validate-certificate-chain' }, 'failed to load validate certificate chain: a; b'],
  [
    { kind: 'attestor-load-certificate', text: 'x' },
    'failed to load certificate from x: failed to unmarshal certificate from PEM format: a; b',
  ],
  [{ kind: 'attestor-load-certificate-chain' }, 'failed to load certificate chain: a; b'],
  [{ kind: 'attestor-load-trust-anchors' }, 'failed to load certificates: a; b'],
  [{ kind: 'attestor-load-trust', what: 'certificate-authorities' }, 'failed to get roots from fulcio: a; b'],
  [{ kind: 'attestor-load-trust', what: 'transparency-log-keys' }, 'failed to load Rekor public keys: a; b'],
  [{ kind: 'attestor-load-trust', what: 'certificate-log-keys' }, 'failed to load CTLogs public keys: a; b'],
  [{ kind: 'attestor-load-key' }, 'failed to load public key from PEM: pem to public key: a; b'],
  [{ kind: 'attestor-load-key', reference: 'k8s://a/b' }, 'failed to load public key from k8s://a/b: a; b'],
])('presents a failure during %o as Kyverno does', (of, text) => {
  expect(textOf(step(of, ours('a'), ours('b')))).toBe(text)
})

test('shortens the answer of a registry for a missing image with attestations, as Kyverno does', () => {
  const answer = ours('GET https://x: MANIFEST_UNKNOWN: manifest unknown')
  expect(textOf(step({ kind: 'attestor-resolve-image', of: 'attestations' }, answer))).toBe('not found')
  expect(textOf(step({ kind: 'attestor-verify-candidates', of: 'attestations' }, answer))).toBe('not found')
  expect(textOf(step({ kind: 'attestor-resolve-image', of: 'signatures' }, answer))).toContain('manifest unknown')
})

test('sees a network error through an attestor set, and none where Kyverno keeps only the text', () => {
  const network: Failure = { ...ours('gone'), detail: connectionRefused }
  const set = step({ kind: 'attestor-set' }, ours('no'), network)
  expect(presentFailure(set).isNetworkError).toBe(true)
  for (const of of [
    { kind: 'attestor-verify-attestation', verifiedCount: 0, requiredCount: 1 },
    { kind: 'attestor-verify-candidates', of: 'signatures' },
    { kind: 'attestor-select-signatures', verified: 1 },
  ] as const)
    expect([of.kind, presentFailure(step(of, network)).isNetworkError]).toEqual([of.kind, false])
})

test('presents a whole attestor set as Kyverno does', () => {
  const at = (i: number, cause: Failure): Failure =>
    step({ kind: 'attestor-entry', path: `.attestors[0].entries[${i}]`, attestor: 'keys' }, cause)
  const set = step({ kind: 'attestor-set' }, at(0, fact({ kind: 'attestor-no-signatures' })), at(1, ours('two')))
  expect(textOf(step({ kind: 'attestor-verify-signatures', image: 'registry.test/app:1' }, set))).toBe(
    'failed to verify image registry.test/app:1: .attestors[0].entries[0].keys: no signatures found; ' +
      '.attestors[0].entries[1].keys: two',
  )
})
