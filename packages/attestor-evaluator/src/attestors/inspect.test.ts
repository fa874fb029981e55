import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'
import { makeKeyPair } from '@verify-images/testing/internal'
import { describe, expect, it } from 'vitest'
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

const signedBy = (...entries: readonly AttestorEntry[]): Partial<ImageVerification> => ({ attestors: [{ entries }] })
const rekor = { url: 'https://log.test' }

it('finds nothing in a good entry', () => {
  expect(inspect(signedBy(keyEntry(key), { keyless: { subject: 'a@x', issuer: 'https://idp', rekor } }))).toEqual([])
  expect(inspect({ attestations: [{ type: 'x', attestors: [{ entries: [keyEntry(key)] }] }] })).toEqual([])
})

describe('what can never pass', () => {
  it.each<[string, Partial<ImageVerification>, string]>([
    [
      'a key that is none',
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
      'an algorithm that is none',
      signedBy({ keys: { ...keyEntry(key).keys, signatureAlgorithm: 'md5' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keys.signatureAlgorithm',
    ],
    [
      'a certificate that is none',
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
      'roots that are none',
      signedBy({ keyless: { subject: 'a@x', issuer: 'i', roots: 'x' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless.roots',
    ],
    [
      'a log key that is none',
      signedBy({ keyless: { subject: 'a@x', issuer: 'i', rekor: { ...rekor, pubkey: 'x' } } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless.rekor.pubkey',
    ],
    [
      'a pattern that is none',
      signedBy({ keyless: { subjectRegExp: '(', issuer: 'i' } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless.subjectRegExp',
    ],
    [
      'a claim that is none',
      signedBy({ keyless: { subject: 'a@x', issuer: 'i', additionalExtensions: { nosuch: 'x' } } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless.additionalExtensions',
    ],
    [
      'a repository that is none',
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
      'a nested set that is none',
      signedBy({ attestor: 'x' }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].attestor',
    ],
    [
      'a nested key that is none',
      signedBy({ attestor: { entries: [{ keys: { publicKeys: 'x' } }] } }),
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].attestor.entries[0].keys',
    ],
  ])('%s', (_, entry, finding) => {
    expect(inspect(entry)).toEqual([finding])
  })

  it('a keyless attestor that names nobody', () => {
    expect(inspect(signedBy({ keyless: { rekor } }))).toContain(
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless',
    )
    expect(inspect(signedBy({ keyless: { rekor, subject: '', issuer: '' } }))).toContain(
      'problem ATTESTOR_POLICY_INVALID .attestors[0].entries[0].keyless',
    )
  })

  it('a named key, when it is known that nothing resolves it', () => {
    const entry = signedBy({ keys: { kms: 'awskms:///alias/x' } })
    expect(inspect(entry)).toEqual([])
    expect(inspect(entry, { keys: undefined })).toEqual([
      'problem ATTESTOR_KEY_UNAVAILABLE .attestors[0].entries[0].keys',
    ])
  })
})

it('warns of what means more than it seems to', () => {
  expect(inspect(signedBy({ keyless: { subject: '*', issuerRegExp: 'accounts', rekor } }))).toEqual([
    'warning ATTESTOR_IDENTITY_OPEN .attestors[0].entries[0].keyless.subject',
    'warning ATTESTOR_PATTERN_UNANCHORED .attestors[0].entries[0].keyless.issuerRegExp',
  ])
  expect(inspect(signedBy({ keyless: { issuer: 'https://idp', rekor } }))).toEqual([
    'warning ATTESTOR_IDENTITY_OPEN .attestors[0].entries[0].keyless',
  ])
})

it('passes over what variables will say', () => {
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
