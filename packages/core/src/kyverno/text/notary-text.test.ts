import type { Failure, NotaryDetail, NotaryStep, StepFailure } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { presentFailure } from './present-failure.ts'

const failed = (detail: NotaryDetail, message = 'ours'): Failure => ({
  kind: 'reason',
  reason: { code: 'ATTESTOR_SIGNATURE_INVALID', message },
  inconclusive: false,
  detail,
})
const during = (step: NotaryStep, ...failures: StepFailure['failures']): Failure => ({ kind: 'step', step, failures })
const unreachable: Failure = {
  kind: 'reason',
  reason: { code: 'REGISTRY_UNAVAILABLE', message: 'registry unreachable' },
  inconclusive: true,
  detail: {
    kind: 'registry-transport',
    stage: 'dial',
    fault: 'refused',
    systemCode: 'ECONNREFUSED',
    method: 'GET',
    url: 'https://registry.test/v2/',
    host: 'registry.test',
    address: '203.0.113.1:443',
  },
}
const validity = {
  kind: 'notary-certificate-validity',
  subject: 'CN=signer',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-01-31T00:00:00.000Z',
} as const

test.each<[detail: NotaryDetail, text: string]>([
  [
    { kind: 'notary-no-signature', reference: 'r/app@sha256:0' },
    'no signature is associated with "r/app@sha256:0", make sure the artifact was signed successfully',
  ],
  [
    { kind: 'notary-no-attestation', image: 'r/app:1', predicateType: 'sbom' },
    'no matching attestations found for image r/app:1 with type sbom',
  ],
  [
    { kind: 'notary-too-many-referrers', limit: 50 },
    'failed to fetch referrers: too many referrers found, max limit is 50',
  ],
  [
    { kind: 'notary-layer-count', of: 'signature', count: 2 },
    'signature manifest requries exactly one signature envelope blob, got 2',
  ],
  [{ kind: 'notary-layer-count', of: 'attestation', count: 0 }, 'no predicate found: the manifest has no layers'],
  [
    { kind: 'notary-layer-count', of: 'attestation', count: 2 },
    'multiple layers in predicate not supported: the manifest has 2 layers',
  ],
  [
    { kind: 'notary-layer-too-large', of: 'signature', size: 11, limit: 10, digest: 'sha256:0' },
    'payload size 11 exceeds 10 for digest sha256:0',
  ],
  [
    { kind: 'notary-layer-too-large', of: 'attestation', size: 11, limit: 10, digest: 'sha256:0' },
    'predicate size 11 exceeds 10 for digest sha256:0',
  ],
  [
    { kind: 'notary-digest-mismatch', expected: 'sha256:0', actual: 'sha256:1' },
    'user input digest sha256:0 does not match the resolved digest sha256:1',
  ],
  [{ kind: 'notary-target-mismatch' }, 'content descriptor mismatch'],
  [{ kind: 'notary-metadata-missing' }, 'unable to find specified metadata in the signature'],
  [{ kind: 'notary-signature-invalid', key: 'rsa' }, 'signature is invalid. Error: crypto/rsa: verification error'],
  [{ kind: 'notary-signature-invalid', key: 'ec' }, 'signature is invalid. Error: crypto/ecdsa: verification error'],
  [
    { kind: 'notary-signature-expired', expiry: '2026-11-23T15:43:33.000Z' },
    'digital signature has expired on "Mon, 23 Nov 2026 15:43:33 +0000"',
  ],
  [{ kind: 'notary-chain-invalid' }, 'certificate-chain is invalid, ours'],
  [{ kind: 'notary-chain-untrusted', trusted: 'none' }, 'no trusted certificates are found to verify authenticity'],
  [
    { kind: 'notary-chain-untrusted', trusted: 'others' },
    "the signature's certificate chain does not contain any trusted certificate",
  ],
  [
    { kind: 'notary-identity-mismatch', trustPolicy: 'acme' },
    'signing certificate from the digital signature does not match the X.509 trusted identities defined in ' +
      'the trust policy "acme"',
  ],
  [
    { ...validity, clock: 'evaluation', at: '2026-02-01T00:00:00.000Z' },
    'verification time is after certificate "CN=signer" validity period, it was expired at "Sat, 31 Jan 2026 ' +
      '00:00:00 +0000"',
  ],
  [
    { ...validity, clock: 'evaluation', at: '2025-12-31T00:00:00.000Z' },
    'verification time is before certificate "CN=signer" validity period, it will be valid from "Thu, 01 Jan ' +
      '2026 00:00:00 +0000"',
  ],
  [
    { ...validity, clock: 'timestamp', at: '2026-02-01T00:00:00.000Z' },
    'timestamp can be after certificate "CN=signer" validity period, it was expired at "Sat, 31 Jan 2026 ' +
      '00:00:00 +0000"',
  ],
  [
    { ...validity, clock: 'signing-authority', at: '2026-02-01T00:00:00.000Z' },
    'certificate "CN=signer" was not valid when the digital signature was produced at "Sun, 01 Feb 2026 ' +
      '00:00:00 +0000"',
  ],
  [{ kind: 'notary-timestamp-missing' }, 'no timestamp countersignature was found in the signature envelope'],
  [
    { kind: 'notary-timestamp-invalid', problem: 'other bytes' },
    'failed to verify the timestamp countersignature with error: other bytes',
  ],
  [
    { kind: 'notary-timestamp-invalid', problem: 'ours', certificate: { kind: 'certificate-authority' } },
    'failed to verify the timestamp countersignature with error: x509: certificate signed by unknown authority',
  ],
  [
    { kind: 'notary-certificate-revoked', role: 'signing', subject: 'CN=a' },
    'signing certificate with subject "CN=a" is revoked',
  ],
  [
    { kind: 'notary-revocation-unknown', role: 'timestamping', subject: 'CN=a' },
    'timestamping certificate with subject "CN=a" revocation status is unknown',
  ],
  [
    { kind: 'notary-trust-policy-missing', repository: 'r/app' },
    'artifact "r/app" has no applicable oci trust policy statement',
  ],
  [
    { kind: 'notary-certificates-invalid', problem: 'the attestor has none' },
    'failed to parse certificates: the attestor has none',
  ],
  [{ kind: 'notary-certificates-not-pem' }, 'failed to parse certificates: error during PEM decoding'],
])("prints Kyverno's text for %j", (detail, text) => {
  expect(presentFailure(failed(detail))).toEqual({ text, isNetworkError: false })
})

const mismatch = during(
  { kind: 'notary-verify-signature', signature: 'sha256:1' },
  failed({ kind: 'notary-target-mismatch' }),
)
const gone = during({ kind: 'notary-fetch-signature', signature: 'sha256:2', reference: 'r/app@sha256:0' }, unreachable)
const tried = (step: object, ...failures: StepFailure['failures']): Failure =>
  during({ kind: 'notary-verify-signatures', ...step }, ...failures)

test('lists the failure of every signature that was tried', () => {
  const step = { kind: 'notary-verify-artifact', reference: 'r/app@sha256:0' } as const
  expect(presentFailure(during(step, tried({}, mismatch, mismatch))).text).toBe(
    [
      'failed to verify r/app@sha256:0: signature verification failed',
      'failed to verify signature with digest sha256:1, content descriptor mismatch',
      'failed to verify signature with digest sha256:1, content descriptor mismatch',
    ].join('\n'),
  )
})

test('a signature that could not be fetched is no network error, because notation keeps only its text', () => {
  expect(presentFailure(tried({ unfetched: 1 }, mismatch, gone))).toEqual({
    text:
      'unable to retrieve digital signature with digest "sha256:2" associated with "r/app@sha256:0" from the ' +
      'Repository, error : Get "https://registry.test/v2/": dial tcp 203.0.113.1:443: connect: connection ' +
      'refused',
    isNetworkError: false,
  })
})

test('prints that the limit of signatures was reached', () => {
  expect(presentFailure(tried({ limit: 10 }, mismatch)).text).toBe(
    'signature evaluation stopped. The configured limit of 10 signatures to verify per artifact exceeded',
  )
})

test('an unreachable registry is a network error before the signatures are tried', () => {
  const step = { kind: 'notary-resolve-image', reference: 'r/app:1' } as const
  expect(presentFailure(during(step, unreachable))).toEqual({
    text:
      'failed to parse image reference: r/app:1: Get "https://registry.test/v2/": dial tcp 203.0.113.1:443: ' +
      'connect: connection refused',
    isNetworkError: true,
  })
})

test('prints the failure of the first attestation only, because Kyverno verifies no other', () => {
  const unsigned = failed({ kind: 'notary-no-signature', reference: 'r/sbom@sha256:1' })
  expect(presentFailure(during({ kind: 'notary-verify-attestations' }, unsigned, unreachable))).toEqual({
    text: 'no signature is associated with "r/sbom@sha256:1", make sure the artifact was signed successfully',
    isNetworkError: false,
  })
  expect(presentFailure(during({ kind: 'notary-verify-attestations' }, unreachable, unsigned)).isNetworkError).toBe(
    true,
  )
})
