import { expect, test } from 'vitest'
import { createNotaryVerifier } from './notary-verifier.ts'
import { createRevocationChecker } from './revocation/http-revocation-checker.ts'
import { createMemoryRevocationCache } from './revocation/revocation-cache.ts'
import { makeAuthority, TARGET } from './testing/signing-world.ts'
import { createTrustPolicyVerifier } from './trust-policy-verifier.ts'
import { parseTrustPolicy } from './trust/parse-trust-policy.ts'

const refused = (message: string): unknown =>
  expect.objectContaining({ code: 'NOTARY_OPTIONS_INVALID', message: expect.stringContaining(message) })
const document = JSON.stringify({
  version: '1.0',
  trustPolicies: [
    {
      name: 'acme',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:acme'],
      trustedIdentities: ['*'],
    },
  ],
})
const trustStores = { ca: { acme: makeAuthority().certificate.pem } }

// What callers without types may write.
test.each<[(options: never) => unknown, unknown, string]>([
  [createRevocationChecker, {}, 'fetch: must be a function, found nothing'],
  [createRevocationChecker, { fetch: {} }, 'fetch: must be a function, found an object'],
  [
    createRevocationChecker,
    { fetch: () => undefined, Cache: {} },
    'Cache: is not an option, expected one of fetch, cache',
  ],
  [
    createRevocationChecker,
    { fetch: () => undefined, cache: new Map().get },
    'cache: must be a cache, with `get` and `set`, found a function',
  ],
  [createMemoryRevocationCache, { maxbytes: 1 }, 'maxbytes: is not an option'],
  [
    createNotaryVerifier,
    { revocation: {} },
    'revocation: must be a revocation checker, with `checkRevocation`, found an object',
  ],
  [createNotaryVerifier, { userMetadata: { env: 5 } }, 'userMetadata.env: must be a text, found 5'],
  [createNotaryVerifier, { trustpolicy: {} }, 'trustpolicy: is not an option'],
  [createNotaryVerifier, { trustPolicy: null }, 'trustPolicy: must be an object, found null'],
  [
    createNotaryVerifier,
    { trustPolicy: { document: {}, trustStores } },
    'trustPolicy.document: must be a text, found an object',
  ],
  [createNotaryVerifier, { trustPolicy: { document } }, 'trustPolicy.trustStores: must be an object, found nothing'],
  [
    createNotaryVerifier,
    { trustPolicy: { document, trustStores: { ...trustStores, CA: {} } } },
    'trustPolicy.trustStores.CA: is not an option',
  ],
  [
    createNotaryVerifier,
    { trustPolicy: { document, trustStores: { ca: { acme: 5 } } } },
    'trustPolicy.trustStores.ca: must be an object of PEM strings',
  ],
  [createTrustPolicyVerifier, undefined, 'options: must be an object, found nothing'],
  [createTrustPolicyVerifier, {}, 'trustPolicy: must be an object, found nothing'],
])('%o rejects %j', (create, options, message) => {
  expect(() => create(options as never)).toThrow(refused(message))
})

test('requires a time', async () => {
  const verifier = createTrustPolicyVerifier({ trustPolicy: { document, trustStores } })
  const signature = { mediaType: '', envelope: new Uint8Array(), target: TARGET, repository: 'registry.test/app' }
  for (const now of [undefined, 5, new Date('never')])
    await expect(verifier.verifySignature(signature, { now } as never)).rejects.toEqual(refused('now: must be a time'))
  await expect(verifier.verifyImage({ reference: '', repository: '' }, { now: new Date() } as never)).rejects.toEqual(
    refused('source: must be an artifact source'),
  )
})

test('a trust policy is a string', () => {
  expect(() => parseTrustPolicy(undefined as never)).toThrow(
    expect.objectContaining({ code: 'NOTARY_TRUST_POLICY_INVALID' }),
  )
})
