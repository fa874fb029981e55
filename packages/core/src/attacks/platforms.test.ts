import { describe, expect, test } from 'vitest'
import type { PlatformChoice } from '../engine/images/platforms.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'

/** Indexes whose children a runtime and a verifier could tell apart differently. */
const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'

describe('plt-spelling', () => {
  const admits = async (platform: string, other: string, signed: boolean): Promise<boolean> => {
    const { world } = attacked
    const key = world.key('release')
    const hidden = world.image('registry.test/app:hidden')
    if (signed) hidden.signedBy(key)
    const index = world.index('registry.test/app:1', {
      [platform]: world.image('registry.test/app:shown').signedBy(key),
      [other]: hidden,
    })
    const policies = policyOf([signedBy([key])])
    const verdict = await attacked.judge(policies, podOf(index.reference), { platforms: [platform] })
    return verdict.admitted
  }

  test.each([
    ['linux/amd64', 'linux/amd64/v1'],
    ['linux/amd64', 'linux/amd64/v2'],
    ['linux/amd64', 'linux/386'],
    ['linux/arm64', 'linux/arm64/v8'],
    ['linux/arm64', 'linux/aarch64'],
    ['linux/arm64', 'linux/arm/v7'],
    ['linux/arm/v7', 'linux/armhf'],
    ['linux/arm/v7', 'linux/arm'],
    ['linux/arm/v7', 'linux/arm/v6'],
  ])('verifies every child that a runtime on the platform could choose: %s, and %s', async (platform, other) => {
    expect(await admits(platform, other, false)).toBe(false)
    expect(await admits(platform, other, true)).toBe(true)
  })

  test.each([
    ['linux/amd64', 'linux/arm64'],
    ['linux/amd64', 'windows/amd64'],
    ['linux/arm/v6', 'linux/arm/v7'],
    ['linux/s390x', 'linux/ppc64le'],
  ])('does not verify what a runtime on the platform cannot choose: %s, and %s', async (platform, other) => {
    expect(await admits(platform, other, false)).toBe(true)
  })
})

describe('plt-deny-last-child', () => {
  const choices: readonly (readonly [PlatformChoice])[] = [['every-child'], [['linux/amd64', 'linux/s390x']]]
  describe.each(choices)('with platforms %j', (platforms) => {
    test.each(['conditions', 'deny'])(
      'sees the statements of each child, the bad one first or last: %s',
      async (by) => {
        const { world } = attacked
        const key = world.key('release')
        const conditions = [{ all: [{ key: '{{ critical }}', operator: 'Equals', value: 0 }] }]
        const deny = { conditions: { any: [{ key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 }] } }
        const attestation = { name: 'scan', type: SCAN, attestors: [{ entries: [keyAttestor(key)] }] }
        const policies = policyOf([
          {
            imageReferences: ['registry.test/*'],
            attestations: [{ ...attestation, ...(by === 'conditions' && { conditions }) }],
            ...(by === 'deny' && { validate: { message: 'denied', deny } }),
          },
        ])
        const admits = async (name: string, first: number, last: number): Promise<boolean> => {
          const attested = (tag: string, critical: number) =>
            world.image(`registry.test/${name}:${tag}`).attestedBy(key, { type: SCAN, predicate: { critical } })
          const index = world.index(`registry.test/${name}:1`, {
            'linux/amd64': attested('first', first),
            'linux/s390x': attested('last', last),
          })
          return (await attacked.judge(policies, podOf(index.reference), { platforms })).admitted
        }
        expect(await admits('first', 3, 0)).toBe(false)
        expect(await admits('last', 0, 3)).toBe(false)
        expect(await admits('none', 0, 0)).toBe(true)
      },
    )
  })
})

describe('plt-mixed-children', () => {
  test('any-child: one child must have the signature and the attestation', async () => {
    const { world } = attacked
    const key = world.key('release')
    const policies = policyOf([
      {
        imageReferences: ['registry.test/*'],
        attestors: [{ entries: [keyAttestor(key)] }],
        attestations: [{ type: SCAN, attestors: [{ entries: [keyAttestor(key)] }] }],
      },
    ])
    const signed = world.image('registry.test/app:signed').signedBy(key)
    const attested = world.image('registry.test/app:attested').attestedBy(key, { type: SCAN, predicate: {} })
    const index = world.index('registry.test/app:1', { 'linux/amd64': signed, 'linux/s390x': attested })
    const judged = async (): Promise<boolean> =>
      (await attacked.judge(policies, podOf(index.reference), { platforms: 'any-child' })).admitted
    expect(await judged()).toBe(false)
    signed.attestedBy(key, { type: SCAN, predicate: {} })
    expect(await judged()).toBe(true)
  })
})
