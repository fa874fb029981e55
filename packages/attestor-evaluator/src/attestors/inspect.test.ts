import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'
import type { Json } from '@verify-images/primitives'
import { makeKeyPair } from '@verify-images/testing/internal'
import { describe, expect, test } from 'vitest'
import { createAttestorEvaluator } from '../attestor-evaluator.ts'
import { createCosignWorld, keyEntry } from '../testing/cosign-world.ts'

const key = makeKeyPair()
const { authority } = createCosignWorld()
const evaluator = createAttestorEvaluator()
const path = 'spec.rules[0].verifyImages[0]'

function inspect(changes: Partial<ImageVerification>, keys?: { readonly keys: undefined }): readonly string[] {
  const entry: ImageVerification = {
    mutateDigest: true,
    verifyDigest: true,
    required: true,
    useCache: true,
    ...changes,
  }
  return evaluator
    .inspect(entry, path, keys)
    .map((finding) => `${finding.severity} ${finding.code} ${finding.path.replace(path, '')}`)
}

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

const signedBy = (...entries: readonly AttestorEntry[]): Partial<ImageVerification> => ({ attestors: [{ entries }] })
const rekor = { url: 'https://log.test' }

test('finds nothing in an entry that can pass', () => {
  expect(inspect(signedBy(keyEntry(key), { keyless: { subject: 'a@x', issuer: 'https://idp', rekor } }))).toEqual([])
  expect(inspect({ attestations: [{ type: 'x', attestors: [{ entries: [keyEntry(key)] }] }] })).toEqual([])
})

describe('reports what never passes', () => {
  test.each<[string, Partial<ImageVerification>, string]>([
    [
      'a malformed key',
      signedBy({ keys: { publicKeys: '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keys',
    ],
    [
      'a key in a file',
      signedBy({ keys: { publicKeys: '/etc/key' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keys',
    ],
    ['no key', signedBy({ keys: {} }), 'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keys'],
    [
      'an unknown algorithm',
      signedBy({ keys: { ...keyEntry(key).keys, signatureAlgorithm: 'md5' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keys.signatureAlgorithm',
    ],
    [
      'a malformed certificate',
      signedBy({ certificates: { cert: 'x' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].certificates.cert',
    ],
    [
      'certificate and chain',
      signedBy({
        certificates: { cert: authority.issue(key).pem, certChain: authority.intermediate.pem + authority.root.pem },
      }),
      'problem ATTESTOR_SCT_INVALID .attestors[0].entries[0].certificates.certChain',
    ],
    [
      'malformed roots',
      signedBy({ keyless: { subject: 'a@x', issuer: 'i', roots: 'x' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless.roots',
    ],
    [
      'a malformed log key',
      signedBy({ keyless: { subject: 'a@x', issuer: 'i', rekor: { ...rekor, pubkey: 'x' } } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless.rekor.pubkey',
    ],
    [
      'a malformed pattern',
      signedBy({ keyless: { subjectRegExp: '(', issuer: 'i' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless.subjectRegExp',
    ],
    [
      'an unknown claim',
      signedBy({ keyless: { subject: 'a@x', issuer: 'i', additionalExtensions: { nosuch: 'x' } } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless.additionalExtensions',
    ],
    [
      'a malformed repository',
      { repository: ':::', ...signedBy(keyEntry(key)) },
      'problem ATTESTOR_POLICY_INVALID .repository',
    ],
    ['an empty set', { attestors: [{ entries: [] }] }, 'problem ATTESTOR_SET_INVALID .attestors[0]'],
    [
      'a count that cannot be reached',
      { attestors: [{ count: 2, entries: [keyEntry(key)] }] },
      'problem ATTESTOR_SET_INVALID .attestors[0]',
    ],
    [
      'one key twice',
      { attestors: [{ count: 2, entries: [keyEntry(key), keyEntry(key)] }] },
      'problem ATTESTOR_DUPLICATE_SIGNER .attestors[0]',
    ],
    [
      'one key as a certificate too',
      signedBy(keyEntry(key), { certificates: { cert: authority.issue(key).pem } }),
      'problem ATTESTOR_DUPLICATE_SIGNER .attestors[0]',
    ],
    [
      'an attestation without attestors',
      { attestations: [{ type: 'x' }] },
      'problem ATTESTOR_POLICY_INVALID .attestations[0]',
    ],
    [
      'an attestation without type',
      { attestations: [{ attestors: [{ entries: [keyEntry(key)] }] }] },
      'problem ATTESTOR_POLICY_INVALID .attestations[0]',
    ],
    [
      'annotations on an attestation',
      { attestations: [{ type: 'x', attestors: [{ entries: [{ ...keyEntry(key), annotations: { a: 'b' } }] }] }] },
      'problem ATTESTOR_ANNOTATION_MISMATCH .attestations[0].attestors[0].entries[0].keys',
    ],
    [
      'a bundle by a certificate of the policy',
      { type: 'SigstoreBundle', ...signedBy({ certificates: { cert: authority.issue(key).pem } }) },
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].certificates',
    ],
    [
      'a bundle without a clock',
      { type: 'SigstoreBundle', ...signedBy({ keys: { ...keyEntry(key).keys, rekor } }) },
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keys',
    ],
    [
      'a malformed nested set',
      signedBy({ attestor: 'x' }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].attestor',
    ],
    [
      'a malformed nested key',
      signedBy({ attestor: { entries: [{ keys: { publicKeys: 'x' } }] } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].attestor.entries[0].keys',
    ],
  ])('%s', (_, entry, finding) => {
    expect(inspect(entry)).toEqual([finding])
  })

  test('reports a keyless attestor that names no signer', () => {
    expect(inspect(signedBy({ keyless: { rekor } }))).toContain(
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless',
    )
    expect(inspect(signedBy({ keyless: { rekor, subject: '', issuer: '' } }))).toContain(
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless',
    )
  })

  test('reports a named key without a key resolver', () => {
    const entry = signedBy({ keys: { kms: 'awskms:///alias/x' } })
    expect(inspect(entry)).toEqual([])
    expect(inspect(entry, { keys: undefined })).toEqual([
      'problem ATTESTOR_KEY_UNAVAILABLE .attestors[0].entries[0].keys',
    ])
  })
})

test('warns of identities that match more than they seem to', () => {
  expect(inspect(signedBy({ keyless: { subject: '*', issuerRegExp: 'accounts', rekor } }))).toEqual([
    'warning ATTESTOR_IDENTITY_OPEN .attestors[0].entries[0].keyless.subject',
    'warning ATTESTOR_PATTERN_UNANCHORED .attestors[0].entries[0].keyless.issuerRegExp',
  ])
  expect(inspect(signedBy({ keyless: { issuer: 'https://idp', rekor } }))).toEqual([
    'warning ATTESTOR_IDENTITY_OPEN .attestors[0].entries[0].keyless',
  ])
})

test('ignores values with variables', () => {
  expect(
    inspect({
      repository: '{{ x }}',
      ...signedBy(
        { keys: { publicKeys: '{{ keys.data.release }}' } },
        { keyless: { subjectRegExp: '({{ x }}', issuer: 'i' } },
      ),
    }),
  ).toEqual([])
})

describe('an attestation whose signers Kyverno does not check', () => {
  const attestation = 'attestations[0]'
  const keyless = { keyless: { subject: 'a@x', issuer: 'https://idp', rekor } }
  const inheriting = (
    changes: Partial<ImageVerification>,
    ...entries: readonly AttestorEntry[]
  ): Partial<ImageVerification> => ({ ...changes, attestors: [{ entries }], attestations: [{ type: 'x' }] })
  const nested = (entry: AttestorEntry): Partial<ImageVerification> => ({
    attestations: [{ type: 'x', attestors: [{ entries: [{ attestor: json({ entries: [entry] }) }] }] }],
  })

  test('an attestation whose signers Kyverno does not check is reported when it inherits a key', () => {
    expect(inspect(inheriting({}, keyEntry(key)))).toEqual([`warning ATTESTOR_CERTIFICATE_INVALID .${attestation}`])
    expect(inspect(inheriting({}, keyless))).toEqual([])
  })

  test('an attestation whose signers Kyverno does not check is reported when it inherits a key of a nested set', () => {
    const entry: AttestorEntry = { attestor: json({ entries: [keyEntry(key)] }) }
    expect(inspect(inheriting({}, entry))).toEqual([`warning ATTESTOR_CERTIFICATE_INVALID .${attestation}`])
  })

  test('an attestation whose signers Kyverno does not check is reported when it has a nested set with a key', () => {
    const path = `.${attestation}.attestors[0].entries[0].attestor`
    expect(inspect(nested(keyEntry(key)))).toEqual([`warning ATTESTOR_CERTIFICATE_INVALID ${path}`])
    expect(inspect(nested(keyless))).toEqual([])
  })

  test('an attestation whose signers Kyverno does not check never passes as a bundle', () => {
    expect(inspect(inheriting({ type: 'SigstoreBundle' }, keyless))).toEqual([
      `problem ATTESTOR_POLICY_INVALID .${attestation}`,
    ])
    expect(inspect({ type: 'SigstoreBundle', ...signedBy(keyless) })).toEqual([])
  })

  test('an attestation whose signers Kyverno does not check never passes when it inherits annotations', () => {
    expect(inspect(inheriting({}, { ...keyless, annotations: { a: 'b' } }))).toEqual([
      `problem ATTESTOR_ANNOTATION_MISMATCH .${attestation}`,
    ])
    expect(inspect({ ...signedBy({ ...keyless, annotations: { a: 'b' } }) })).toEqual([])
  })
})
