import { createSigningWorld, githubWorkflow, vulnerabilities, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deployGate, RELEASE, type Gate } from './deploy-gate.ts'

let world: SigningWorld
let isDown: boolean
beforeEach(async () => {
  isDown = false
  world = await createSigningWorld({ faults: () => (isDown ? { status: 503 } : undefined) })
})
afterEach(() => world.close())

const gate = (image: string): Promise<Gate> =>
  deployGate(image, { registry: world.registryClient(), trust: world.trust, clock: world.clock })

test('opens for what the pipeline has built, signed and attested, and hands on the digest', async () => {
  const built = world
    .image('registry.test/shop/app:1')
    .signedKeylessly(RELEASE)
    .attestedKeylessly(RELEASE, vulnerabilities({ critical: 0, high: 2 }))
  expect(await gate(built.reference)).toEqual({ kind: 'open', reference: `registry.test/shop/app:1@${built.digest}` })
})

test('is closed for an image that another workflow has signed', async () => {
  const fork = githubWorkflow({ repository: 'mallory/shop', workflow: 'release.yml', ref: 'refs/heads/main' })
  const image = world
    .image('registry.test/shop/app:2')
    .signedKeylessly(fork)
    .attestedKeylessly(fork, vulnerabilities({ critical: 0 }))
  expect(await gate(image.reference)).toMatchObject({ kind: 'closed' })
})

test('is closed until the scan has no critical finding, and says how many it has', async () => {
  const image = world.image('registry.test/shop/app:3').signedKeylessly(RELEASE)
  expect(await gate(image.reference)).toMatchObject({ kind: 'closed' })
  image.attestedKeylessly(RELEASE, vulnerabilities({ critical: 3 }))
  expect(await gate(image.reference)).toMatchObject({
    kind: 'closed',
    why: expect.stringContaining('expected {{ scanner.result.criticalCount }} Equals 0; got 3'),
  })
})

test('is closed for an image that no rule is about', async () => {
  const image = world.image('registry.test/tools/app:1').signedKeylessly(RELEASE)
  expect(await gate(image.reference)).toMatchObject({ kind: 'closed' })
})

test('tells an outage of the registry from a rejection', async () => {
  const { reference } = world.image('registry.test/shop/app:4').signedKeylessly(RELEASE)
  isDown = true
  expect(await gate(reference)).toMatchObject({ kind: 'unknown' })
})
