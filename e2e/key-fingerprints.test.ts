import { discoverImage } from '@verify-images/core'
import { createSigningWorld, vulnerabilities, type SigningWorld } from '@verify-images/testing'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

test('logged signatures, attestations and bundles of two keys are told apart by the fingerprints of the keys', async () => {
  const [a, b] = [world.key('a'), world.key('b')]
  const logged = { log: 'v1' } as const
  const image = world
    .image('registry.test/app:1')
    .signedBy(a, {}, logged)
    .signedBy(b, {}, logged)
    .attestedBy(a, vulnerabilities(), logged)
    .bundledBy(b)
  const { artifacts } = await discoverImage(image.reference, { registry: world.registryClient() })
  const found = artifacts.flatMap(({ kind, layers }) =>
    layers.map(({ claims }) => {
      const signer = claims?.signer
      return `${kind} ${signer?.kind === 'key' ? String(signer.fingerprint) : 'no key'}`
    }),
  )
  const of = ({ spki }: typeof a): string => createHash('sha256').update(spki).digest('hex')
  expect(found.toSorted()).toEqual(
    [`signature ${of(a)}`, `signature ${of(b)}`, `attestation ${of(a)}`, `bundle ${of(b)}`].toSorted(),
  )
})

test('a signature without a log entry does not say which key made it', async () => {
  const image = world.image('registry.test/app:2').signedBy(world.key('a'))
  const { artifacts } = await discoverImage(image.reference, { registry: world.registryClient() })
  expect(artifacts[0]?.layers[0]?.claims?.signer).toEqual({ kind: 'key' })
})
