import { expect, test } from 'vitest'
import { attestorOptions } from '../attestor-options.ts'
import { bundleRequirements } from './bundle-requirements.ts'
import { bundleTrust } from './bundle-trust.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'
import { trustedRoot } from '../sigstore/trusted-root.ts'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'
import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'

const verification: ImageVerification = {
  type: 'SigstoreBundle',
  mutateDigest: true,
  verifyDigest: true,
  required: true,
  useCache: true,
}
const keyless = { issuer: 'https://issuer.example.com', subject: 'user@example.com' }
const publicKeys = readCorpusText('registry/trust/a.pub')
const roots = readCorpusText('registry/trust/ca/ec-root.pem')

const options = (entry: AttestorEntry): ReturnType<typeof attestorOptions> =>
  attestorOptions(verification, entry, 'signature')
const required = (entry: AttestorEntry): ReturnType<typeof bundleRequirements> => bundleRequirements(options(entry))

test('requires a log, a clock and an SCT of a keyless attestor unless it says otherwise', () => {
  expect(required({ keyless })).toMatchObject({ logRequired: true, observedTimeRequired: true, sctRequired: true })
  expect(required({ keyless: { ...keyless, rekor: { ignoreTlog: true } } })).toMatchObject({
    logRequired: false,
    observedTimeRequired: true,
    sctRequired: true,
  })
  expect(required({ keyless: { ...keyless, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } })).toMatchObject({
    logRequired: false,
    observedTimeRequired: false,
    sctRequired: false,
  })
})

test('requires no SCT of a key', () => {
  expect(required({ keys: { publicKeys } })).toMatchObject({
    signer: { kind: 'key', material: { kind: 'pem', pem: publicKeys.trim() } },
    logRequired: true,
    observedTimeRequired: true,
    sctRequired: false,
  })
})

test.each<[string, AttestorEntry]>([
  ['`ignoreSCT` without `ignoreTlog`', { keyless: { ...keyless, ctlog: { ignoreSCT: true } } }],
  ['a keyless attestor without a subject', { keyless: { issuer: keyless.issuer } }],
  ['a keyless attestor without an issuer', { keyless: { subject: keyless.subject } }],
  ['certificates', { certificates: { cert: roots } }],
  ['no attestor', {}],
  ['an unknown signature algorithm', { keys: { publicKeys, signatureAlgorithm: 'md5' } }],
])('rejects %s, with which no bundle could pass', (_what, entry) => {
  expect(() => required(entry)).toThrow(expect.objectContaining({ code: 'ATTESTOR_POLICY_INVALID' }))
})

interface Loaded {
  readonly loads: number
  readonly trust: TrustMaterial | undefined
}

async function load(entry: AttestorEntry): Promise<Loaded> {
  let loads = 0
  const general = trustedRoot(readCorpusText('registry/trust/sigstore-1/trusted_root.json'))
  const attestor = options(entry)
  const trust = await bundleTrust(attestor, bundleRequirements(attestor), {
    source: {
      fetchManifest: () => Promise.reject(new Error('not used')),
      fetchBlob: () => Promise.reject(new Error('not used')),
      listReferrers: () => Promise.reject(new Error('not used')),
    },
    trust: {
      load: (signal) => {
        loads += 1
        return general.load(signal)
      },
    },
    now: new Date('2026-01-15'),
    signal: AbortSignal.timeout(10_000),
    memo: createVerificationMemo(),
    budget: createEvaluationBudget(),
  })
  return { loads, trust }
}

const ignored = { rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } }
const rekorKey = { rekor: { pubkey: readCorpusText('registry/trust/sigstore-1/rekor.pub') } }
const ctKey = { ctlog: { pubkey: readCorpusText('registry/trust/sigstore-1/ctlog.pub') } }

test.each<[string, AttestorEntry]>([
  ['a key without log and clock', { keys: { publicKeys, ...ignored } }],
  ['a key with the key of its log', { keys: { publicKeys, ...rekorKey } }],
  ['an identity with roots and both log keys', { keyless: { ...keyless, roots, ...rekorKey, ...ctKey } }],
  ['an identity with roots, without log and clock', { keyless: { ...keyless, roots, ...ignored } }],
])('does not load the trust root for %s', async (_what, entry) => {
  expect(await load(entry)).toMatchObject({ loads: 0 })
})

test.each<[string, AttestorEntry]>([
  ['a key with a log', { keys: { publicKeys } }],
  ['a key with a clock only', { keys: { publicKeys, rekor: { ignoreTlog: true } } }],
  ['an identity without roots', { keyless: { ...keyless, ...rekorKey, ...ctKey } }],
  ['an identity without the key of its log', { keyless: { ...keyless, roots, ...ctKey } }],
  ['an identity without the key of the certificate log', { keyless: { ...keyless, roots, ...rekorKey } }],
])('loads the trust root once for %s', async (_what, entry) => {
  expect(await load(entry)).toMatchObject({ loads: 1 })
})

test('replaces the certificate authorities of the trust root by the roots of the policy', async () => {
  const { trust: own } = await load({ keyless: { ...keyless, roots } })
  const { trust: general } = await load({ keyless })
  expect(own?.certificateAuthorities).toHaveLength(1)
  expect(general?.certificateAuthorities).not.toEqual(own?.certificateAuthorities)
  expect(own?.transparencyLogs).toEqual(general?.transparencyLogs)
})
