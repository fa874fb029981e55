import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'
import { describe, expect, it } from 'vitest'
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

describe('what an attestor inherits', () => {
  it('the repository and annotations of the entry, unless it has its own, be they empty', () => {
    const outer = { repository: 'r/outer', annotations: { a: 'outer' } }
    expect(options({ keys: {} }, outer)).toMatchObject({ repository: 'r/outer', annotations: { a: 'outer' } })
    expect(options({ keys: {}, repository: 'r/own', annotations: {} }, outer)).toMatchObject({
      repository: 'r/own',
      annotations: {},
    })
    expect(options({ keys: {} })).not.toHaveProperty('repository')
  })

  it('the roots, which a keyless attestor replaces even with none', () => {
    expect(options({ certificates: {} }, { roots: 'outer' }).roots).toBe('outer')
    expect(options({ keyless: {} }, { roots: 'outer' })).not.toHaveProperty('roots')
    expect(options({ keyless: { roots: 'own' } }, { roots: 'outer' }).roots).toBe('own')
  })
})

it('takes the algorithm of keys from the deprecated field, that of certificates from the other', () => {
  expect(options({ keys: { signatureAlgorithm: 'sha512' }, signatureAlgorithm: 'sha384' }).signatureAlgorithm).toBe(
    'sha512',
  )
  expect(options({ keys: {}, signatureAlgorithm: 'sha384' }).signatureAlgorithm).toBe('sha256')
  expect(options({ certificates: {}, signatureAlgorithm: 'sha384' }).signatureAlgorithm).toBe('sha384')
})

it('takes the written key, else the secret, else the KMS key', () => {
  const keys = { publicKeys: 'pem', secret: { namespace: 'ns', name: 'n' }, kms: 'awskms:///x' }
  expect(options({ keys }).key).toBe('pem')
  expect(options({ keys: { ...keys, publicKeys: '' } }).key).toBe('k8s://ns/n')
  expect(options({ keys: { kms: keys.kms } }).key).toBe('awskms:///x')
  expect(options({ keys: {} })).not.toHaveProperty('key')
})

describe('logs', () => {
  it('are required unless they are ignored', () => {
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

  it('of nobody in particular: no certificate log for attestations, as upstream', () => {
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

it('counts empty texts as not given', () => {
  expect(options({ keyless: { subject: '', issuer: '', rekor: { pubkey: '' }, ctlog: { tsaCertChain: '' } } })).toEqual(
    expect.not.objectContaining({ timestampChain: '' }),
  )
  expect(options({ keyless: { subject: '', issuer: 'x' } }).identity).toEqual({ issuer: 'x', additionalExtensions: {} })
})
