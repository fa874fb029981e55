import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTrustPolicyVerifier } from '../trust-policy-verifier.ts'
import { COSE, JWS, TARGET, makeAuthority, makeCose, makeJws } from '../testing/signing-world.ts'

const authority = makeAuthority()
const signer = authority.signer()
const verifier = createTrustPolicyVerifier({
  trustPolicy: {
    document: JSON.stringify({
      version: '1.0',
      trustPolicies: [
        {
          name: 'a',
          registryScopes: ['*'],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:a'],
          trustedIdentities: ['*'],
        },
      ],
    }),
    trustStores: { ca: { a: authority.certificate.pem } },
  },
})
const judge = async (mediaType: string, envelope: Uint8Array): Promise<string> =>
  (
    await verifier.verifySignature(
      { mediaType, envelope, target: TARGET, repository: 'registry.example.com/app' },
      { now: new Date('2026-06-01T00:00:00Z') },
    )
  ).kind

/** Members that are neither signed nor read may change; nothing else may. */
const jws = makeJws(signer, { unprotected: { 'io.cncf.notary.signingAgent': undefined } })
const cose = makeCose(signer, { unprotected: new Map([['io.cncf.notary.signingAgent', undefined]]) })

const changes = (
  length: number,
): fc.Arbitrary<{ readonly at: number; readonly drop: number; readonly insert: Uint8Array }> =>
  fc.record({ at: fc.nat(length), drop: fc.nat(4), insert: fc.uint8Array({ maxLength: 4 }) })
const mutate = (
  bytes: Uint8Array,
  { at, drop, insert }: { readonly at: number; readonly drop: number; readonly insert: Uint8Array },
): Uint8Array => Uint8Array.from(Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + drop)]))

test.each([
  [JWS, jws],
  [COSE, cose],
])('%s: no changed envelope is accepted, throws, or takes long', async (mediaType, bytes) => {
  expect(await judge(mediaType, bytes)).toBe('accepted')
  await fc.assert(
    fc.asyncProperty(changes(bytes.length), async (change) => {
      const changed = mutate(bytes, change)
      fc.pre(!sameMeaning(mediaType, changed, bytes))
      const start = performance.now()
      expect(await judge(mediaType, changed)).toBe('rejected')
      expect(performance.now() - start).toBeLessThan(1000)
    }),
    { numRuns: 400 },
  )
})

/** Returns the same bytes, or JSON of the same meaning with other white space. */
function sameMeaning(mediaType: string, a: Uint8Array, b: Uint8Array): boolean {
  if (Buffer.compare(a, b) === 0) return true
  if (mediaType !== JWS) return false
  try {
    return (
      JSON.stringify(JSON.parse(Buffer.from(a).toString())) === JSON.stringify(JSON.parse(Buffer.from(b).toString()))
    )
  } catch {
    return false
  }
}

test.each([JWS, COSE])('%s: rejects arbitrary bytes', async (mediaType) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      expect(await judge(mediaType, bytes)).toBe('rejected')
    }),
  )
})

test('JWS: rejects arbitrary JSON', async () => {
  const member = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(...Object.values(JSON.parse(Buffer.from(jws).toString()) as object)),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.record({ payload: member, protected: member, signature: member, header: member }, { requiredKeys: [] }),
      async (document) => {
        const bytes = Buffer.from(JSON.stringify(document))
        fc.pre(!sameMeaning(JWS, bytes, jws))
        expect(await judge(JWS, bytes)).not.toBe('inconclusive')
      },
    ),
  )
})
