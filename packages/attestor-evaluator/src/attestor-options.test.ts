import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { attestorOptions } from './attestor-options.ts'

const verification = (changes: Partial<ImageVerification> = {}): ImageVerification => ({
  mutateDigest: true,
  verifyDigest: true,
  required: true,
  useCache: true,
  ...changes,
})
const options = (entry: AttestorEntry, changes: Partial<ImageVerification> = {}): ReturnType<typeof attestorOptions> =>
  attestorOptions(verification(changes), entry, 'signature')

describe('an attestor inherits', () => {
  test('an attestor without a repository or annotations inherits those of the entry; empty ones count', () => {
    const outer = { repository: 'r/outer', annotations: { a: 'outer' } }
    expect(options({ keys: {} }, outer)).toMatchObject({ repository: 'r/outer', annotations: { a: 'outer' } })
    expect(options({ keys: {}, repository: 'r/own', annotations: {} }, outer)).toMatchObject({
      repository: 'r/own',
      annotations: {},
    })
    expect(options({ keys: {} })).not.toHaveProperty('repository')
  })

  test('an attestor inherits the roots, which a keyless attestor replaces even with empty ones', () => {
    expect(options({ certificates: {} }, { roots: 'outer' }).roots).toBe('outer')
    expect(options({ keyless: {} }, { roots: 'outer' })).not.toHaveProperty('roots')
    expect(options({ keyless: { roots: 'own' } }, { roots: 'outer' }).roots).toBe('own')
  })
})

test('takes the algorithm of keys from the deprecated field, that of certificates from the other', () => {
  expect(options({ keys: { signatureAlgorithm: 'sha512' }, signatureAlgorithm: 'sha384' }).signatureAlgorithm).toBe(
    'sha512',
  )
  expect(options({ keys: {}, signatureAlgorithm: 'sha384' }).signatureAlgorithm).toBe('sha256')
  expect(options({ certificates: {}, signatureAlgorithm: 'sha384' }).signatureAlgorithm).toBe('sha384')
})

test('takes the key in the policy before the Secret, and the Secret before the KMS key', () => {
  const keys = { publicKeys: 'pem', secret: { namespace: 'ns', name: 'n' }, kms: 'awskms:///x' }
  expect(options({ keys })).toMatchObject({ key: { kind: 'unsupported', reference: 'pem' } })
  expect(options({ keys: { ...keys, publicKeys: '' } })).toMatchObject({
    key: { kind: 'kubernetes-secret', namespace: 'ns', name: 'n' },
  })
  expect(options({ keys: { kms: keys.kms } })).toMatchObject({
    key: { kind: 'kms', provider: 'awskms', uri: 'awskms:///x' },
  })
  expect(options({ keys: {} })).not.toHaveProperty('key')
})

describe('logs', () => {
  test('logs are required unless the policy ignores them', () => {
    expect(options({ keys: {} })).toMatchObject({
      transparencyLog: { required: true, url: 'https://rekor.sigstore.dev' },
      certificateLog: { required: true },
    })
    expect(options({ keys: { rekor: {}, ctlog: {} } })).toMatchObject({
      transparencyLog: { required: true, url: '' },
      certificateLog: { required: true },
    })
    expect(options({ keys: { rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } })).toMatchObject({
      transparencyLog: { required: false },
      certificateLog: { required: false },
    })
  })

  test('requires no SCT for attestations of an attestor that names no signer, as in Kyverno', () => {
    expect(attestorOptions(verification(), {}, 'attestation')).toMatchObject({
      kind: 'none',
      transparencyLog: { required: true, url: '' },
      certificateLog: { required: false },
    })
    expect(attestorOptions(verification(), {}, 'signature')).toMatchObject({ certificateLog: { required: true } })
    expect(attestorOptions(verification(), { keyless: {} }, 'attestation')).toMatchObject({
      certificateLog: { required: true },
    })
  })
})

test('treats empty strings as omitted', () => {
  expect(options({ keyless: { subject: '', issuer: '', rekor: { pubkey: '' }, ctlog: { tsaCertChain: '' } } })).toEqual(
    expect.not.objectContaining({ timestampChain: '' }),
  )
  expect(options({ keyless: { subject: '', issuer: 'x' } })).toHaveProperty('identity', {
    issuer: 'x',
    additionalExtensions: {},
  })
})
