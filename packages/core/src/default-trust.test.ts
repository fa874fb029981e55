import { createSigningWorld, githubWorkflow, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from './create-image-verifier.ts'
import { keyAttestor, policyOf } from './testing/policies.ts'
import type { ImageVerdict } from './verdict/verdict.ts'

const identity = githubWorkflow({ repository: 'acme/app', workflow: 'release.yaml' })
const keyless = {
  keyless: { subject: identity.subject, issuer: identity.issuer, rekor: { url: 'https://rekor.sigstore.dev' } },
}

let world: SigningWorld
let reference: string
beforeAll(async () => {
  world = await createSigningWorld()
  const image = world.image('registry.test/app:1').signedKeylessly(identity).signedBy(world.key('release'))
  reference = image.reference
})
afterAll(() => world.close())

const verify = (attestor: object, options: Partial<ImageVerifierOptions>): Promise<ImageVerdict> =>
  createImageVerifier({
    policies: policyOf([{ imageReferences: ['registry.test/*'], attestors: [{ entries: [attestor] }] }]),
    registry: world.registryClient(),
    ...options,
  }).verifyImage(reference)
const codesOf = ({ rules }: ImageVerdict): readonly string[] =>
  rules.flatMap(({ reasons }) => reasons.map(({ code }) => code))

test('rejects a signature of another log and authority than the public ones by the built-in trust root', async () => {
  const verdict = await verify(keyless, {})
  expect(verdict).toMatchObject({ admitted: false, outcome: 'rejected' })
  // The second candidate is the signature by the key, which has no certificate.
  expect(codesOf(verdict)).toEqual(['ATTESTOR_LOG_ENTRY_INVALID', 'ATTESTOR_CERTIFICATE_INVALID'])
})

test('accepts a signature under the trust root that is passed in', async () => {
  expect(await verify(keyless, { trust: world.trust })).toMatchObject({ admitted: true, outcome: 'accepted' })
})

test('a keyless signature is inconclusive without a trust root', async () => {
  const verdict = await verify(keyless, { trust: 'none' })
  expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  expect(codesOf(verdict)).toContain('ATTESTOR_TRUST_UNAVAILABLE')
})

test('a key without a log needs no trust root', async () => {
  expect(await verify(keyAttestor(world.key('release')), { trust: 'none' })).toMatchObject({ outcome: 'accepted' })
})
