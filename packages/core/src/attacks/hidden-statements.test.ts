import type { Policy } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'

/** Trusted statements that would deny, and cannot be read or compared. */
const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const pod = podOf('registry.test/app:1')

function policies(by: string, attestor = keyAttestor(attacked.world.key('release'))): readonly Policy[] {
  const conditions = [{ all: [{ key: '{{ scan.critical }}', operator: 'Equals', value: 0 }] }]
  const deny = { conditions: { any: [{ key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 }] } }
  const attestation = { name: 'scan', type: SCAN, attestors: [{ entries: [attestor] }] }
  return policyOf([
    {
      imageReferences: ['registry.test/*'],
      attestations: [{ ...attestation, ...(by === 'conditions' && { conditions }) }],
      ...(by === 'deny' && { validate: { message: 'denied', deny } }),
    },
  ])
}

describe.each(['deny', 'conditions'])('%s', (by) => {
  test.each(['first', 'last'])('never passes over a predicate that is no object: %s', async (position) => {
    const image = attacked.world.image('registry.test/app:1')
    const key = attacked.world.key('release')
    if (position === 'first') image.attestedBy(key, SCAN, [{ critical: 9 }])
    image.attestedBy(key, SCAN, { critical: 0 })
    if (position === 'last') expect((await attacked.judge(policies(by), pod)).admitted).toBe(true)
    if (position === 'last') image.attestedBy(key, SCAN, [{ critical: 9 }])
    expect((await attacked.judge(policies(by), pod)).admitted).toBe(false)
  })

  test('never passes over a statement that the registry does not deliver', async () => {
    const key = attacked.world.key('release')
    attacked.world
      .image('registry.test/app:1')
      .attestedBy(key, SCAN, { critical: 0 })
      .attestedBy(key, 'https://example.com/other', { a: 1 })
    expect((await attacked.judge(policies(by), pod)).admitted).toBe(true)
    const blobs = new Set(attacked.world.registry.requests.map(({ path }) => path).filter((path) => /blobs/.test(path)))
    expect(blobs.size).toBe(2)
    for (const blob of blobs) {
      attacked.fault = ({ path }) => (path === blob ? { status: 503 } : undefined)
      expect(await attacked.judge(policies(by), pod)).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    }
  })
})

test('a null in a nested attestor counts as left out', async () => {
  const { world } = attacked
  const key = world.key('release')
  const anyone = { subject: 'anyone@acme.test', issuer: 'https://accounts.acme.test' }
  world
    .image('registry.test/app:1')
    .attestedBy(key, SCAN, { critical: 0 })
    .attestedKeylessly(anyone, { type: SCAN, predicate: { critical: 0 } })
  const admits = async (attestor: object): Promise<boolean> =>
    (await attacked.judge(policies('deny', { attestor }), pod, { trust: world.trust })).admitted
  expect(await admits({ count: null, entries: [{ ...keyAttestor(key), keyless: null, annotations: null }] })).toBe(true)
  expect(await admits({ entries: [{ keys: { publicKeys: key.publicKey, rekor: null } }] })).toBe(false)
})
