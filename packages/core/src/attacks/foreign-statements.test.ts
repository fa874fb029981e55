import type { Policy } from '@verify-images/policy-parser'
import type { SigningKey } from '@verify-images/testing'
import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'

/** Statements of a signer whom the policy does not name, beside those of one whom it names. */
const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const pod = podOf('registry.test/app:1')
const stranger = { subject: 'mallory@evil.test', issuer: 'https://accounts.evil.test' }
const validate = {
  message: 'denied',
  deny: { conditions: { any: [{ key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 }] } },
}

function policies(key: SigningKey, where: string): readonly Policy[] {
  const set = { entries: [keyAttestor(key)] }
  const conditions = [{ all: [{ key: '{{ scan.critical }}', operator: 'Equals', value: 0 }] }]
  const attestation = { name: 'scan', type: SCAN, conditions }
  return policyOf([
    where === 'inherited'
      ? { imageReferences: ['registry.test/*'], attestors: [set], attestations: [attestation], validate }
      : {
          imageReferences: ['registry.test/*'],
          attestations: [{ ...attestation, attestors: [{ entries: [{ attestor: set }] }] }],
          validate,
        },
  ])
}

describe.each(['inherited', 'nested'])('with %s attestors', (where) => {
  test('a predicate of another signer is never visible under the name of the attestation', async () => {
    const { world } = attacked
    const key = world.key('release')
    const image = (): ReturnType<typeof world.image> => world.image('registry.test/app:1').unsigned().signedBy(key)
    image()
      .attestedBy(key, SCAN, [{ critical: 9 }])
      .attestedBy(key, 'https://example.com/other', { a: 1 })
      .attestedKeylessly(stranger, { type: SCAN, predicate: { critical: 0 } })
    expect((await attacked.judge(policies(key, where), pod, { trust: world.trust })).admitted).toBe(false)
    image()
      .attestedBy(key, SCAN, { critical: 0 })
      .attestedKeylessly(stranger, { type: SCAN, predicate: { critical: 0 } })
    expect((await attacked.judge(policies(key, where), pod, { trust: world.trust })).admitted).toBe(true)
  })
})

test('other signers cannot make `deny` deny, or exceed its limit of statements', async () => {
  const { world } = attacked
  const release = { subject: 'release@acme.test', issuer: 'https://accounts.acme.test' }
  const keyless = { ...release, rekor: { url: 'https://rekor.sigstore.dev' } }
  const rules = policyOf([
    {
      imageReferences: ['registry.test/*'],
      attestors: [{ entries: [{ keyless }] }],
      attestations: [{ name: 'scan', type: SCAN }],
      validate,
    },
  ])
  const options = { trust: world.trust, attestors: { ignoreForeignAttestations: true } }
  const image = world
    .image('registry.test/app:1')
    .signedKeylessly(release)
    .attestedKeylessly(release, { type: SCAN, predicate: { critical: 0 } })
  for (let i = 0; i < 65; i++) image.attestedKeylessly(stranger, { type: SCAN, predicate: { critical: 9, i } })
  expect((await attacked.judge(rules, pod, options)).admitted).toBe(true)
  image.attestedKeylessly(release, { type: SCAN, predicate: { critical: 9 } })
  expect((await attacked.judge(rules, pod, options)).admitted).toBe(false)
})
