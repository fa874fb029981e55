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
  [createRevocationChecker, {}, 'fetch: expected a function, got undefined'],
  [createRevocationChecker, { fetch: {} }, 'fetch: expected a function, got an object'],
  [createRevocationChecker, { fetch: () => undefined, Cache: {} }, 'Cache: unknown option, did you mean `cache`?'],
  [
    createRevocationChecker,
    { fetch: () => undefined, cache: new Map().get },
    'cache: expected a cache with `get` and `set`, got a function',
  ],
  [createMemoryRevocationCache, { maxbytes: 1 }, 'maxbytes: unknown option'],
  [
    createNotaryVerifier,
    { revocation: {} },
    'revocation: expected a revocation checker with `checkRevocation`, got an object',
  ],
  [createNotaryVerifier, { userMetadata: { env: 5 } }, 'userMetadata.env: expected a string, got 5'],
  [createNotaryVerifier, { trustpolicy: {} }, 'trustpolicy: unknown option'],
  [createNotaryVerifier, { trustPolicy: null }, 'trustPolicy: expected an object, got null'],
  [
    createNotaryVerifier,
    { trustPolicy: { document: {}, trustStores } },
    'trustPolicy.document: expected a string, got an object',
  ],
  [createNotaryVerifier, { trustPolicy: { document } }, 'trustPolicy.trustStores: expected an object, got undefined'],
  [
    createNotaryVerifier,
    { trustPolicy: { document, trustStores: { ...trustStores, CA: {} } } },
    'trustPolicy.trustStores.CA: unknown option',
  ],
  [
    createNotaryVerifier,
    { trustPolicy: { document, trustStores: { ca: { acme: 5 } } } },
    'trustPolicy.trustStores.ca: expected an object of PEM strings',
  ],
  [createTrustPolicyVerifier, undefined, 'options: expected an object, got undefined'],
  [createTrustPolicyVerifier, {}, 'trustPolicy: expected an object, got undefined'],
])('%o rejects %j', (create, options, message) => {
  expect(() => create(options as never)).toThrow(refused(message))
})

test('requires a time', async () => {
  const verifier = createTrustPolicyVerifier({ trustPolicy: { document, trustStores } })
  const signature = { mediaType: '', envelope: new Uint8Array(), target: TARGET, repository: 'registry.test/app' }
  for (const now of [undefined, 5, new Date('never')])
    await expect(verifier.verifySignature(signature, { now } as never)).rejects.toEqual(
      refused('now: expected a valid Date'),
    )
  await expect(verifier.verifyImage({ reference: '', repository: '' }, { now: new Date() } as never)).rejects.toEqual(
    refused('source: expected an artifact source'),
  )
})

test('a trust policy is a string', () => {
  expect(() => parseTrustPolicy(undefined as never)).toThrow(
    expect.objectContaining({ code: 'NOTARY_TRUST_POLICY_INVALID' }),
  )
})
