import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageVerifier } from '../create-image-verifier.ts'
import { policyOf, signedBy } from '../testing/policies.ts'
import { refusedImages } from './refused-images.ts'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

test('an image that two entries of a rule refuse is listed once, with the reasons of both', async () => {
  const image = world.image('registry.test/app:1').signedBy(world.key('mallory'))
  const policies = policyOf([signedBy([world.key('release')]), signedBy([world.key('audit')])])
  const verdict = await createImageVerifier({ policies, registry: world.registryClient() }).verifyImage(image.reference)
  const refused = refusedImages(verdict)
  expect(refused).toHaveLength(1)
  expect(new Set(refused[0]?.reasons.map(({ expected }) => expected)).size).toBe(2)
})

test('an image that one entry refuses and another could not check is rejected', async () => {
  const image = world.image('registry.test/tool:1').signedBy(world.key('mallory'))
  const unknown = {
    imageReferences: ['registry.test/*'],
    attestors: [{ entries: [{ keys: { kms: 'awskms:///none' } }] }],
  }
  const policies = policyOf([unknown, signedBy([world.key('release')])])
  const verdict = await createImageVerifier({ policies, registry: world.registryClient() }).verifyImage(image.reference)
  const [refused, ...others] = refusedImages(verdict)
  expect(others).toEqual([])
  expect(refused?.outcome).toBe('rejected')
  expect(refused?.reasons.map(({ code }) => code)).toEqual(['ATTESTOR_SIGNATURE_INVALID', 'ATTESTOR_KEY_UNAVAILABLE'])
})

test('a registry that fails is one reason, although the steps of a rule asked it twice', async () => {
  const attacked = await createSigningWorld({ faults: () => ({ status: 500 }) })
  const { reference } = attacked.image('registry.test/app:1')
  const policies = policyOf([signedBy([world.key('release')])])
  const verifier = createImageVerifier({ policies, registry: attacked.registryClient() })
  const [refused] = refusedImages(await verifier.verifyImage(reference))
  expect(refused?.reasons.map(({ code }) => code)).toEqual(['REGISTRY_UNAVAILABLE'])
  await attacked.close()
})
