import { digestOf } from '@verify-images/primitives'
import { describe, expect, test } from 'vitest'
import type { PlatformChoice } from '../engine/images/platforms.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

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

describe('plt-folded-keys', () => {
  const INDEX = 'application/vnd.oci.image.index.v1+json'
  const amd64 = { os: 'linux', architecture: 'amd64' }
  const s390x = { os: 'linux', architecture: 's390x' }

  /**
   * The verdict over an index of signed children for amd64 and arm/v6, and one more child, whose signed or unsigned
   * image it may name.
   */
  const judged = (
    other: (signed: string, unsigned: string) => object,
    platforms: PlatformChoice,
  ): Promise<ResourceVerdict> => {
    const { world } = attacked
    const key = world.key('release')
    const signed = world.image('registry.test/app:signed').signedBy(key)
    const { digest } = world.image('registry.test/app:unsigned')
    const manifests = [
      { ...signed.descriptor, platform: amd64 },
      { ...signed.descriptor, platform: { os: 'linux', architecture: 'arm', variant: 'v6' } },
      { ...signed.descriptor, ...other(signed.digest, digest) },
    ]
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }))
    world.registry.repository('app').putManifest({ mediaType: INDEX, bytes, digest: digestOf(bytes) }, '1')
    return attacked.judge(policyOf([signedBy([key])]), podOf('registry.test/app:1'), { platforms })
  }

  test.each<[string, PlatformChoice, (signed: string, unsigned: string) => object]>([
    ['two digests, the later one unsigned', 'every-child', (_, unsigned) => ({ platform: s390x, Digest: unsigned })],
    [
      'two platforms, the later one asked for',
      ['linux/amd64'],
      (_, digest) => ({ digest, platform: s390x, Platform: amd64 }),
    ],
    [
      'two architectures, the later one asked for',
      ['linux/amd64'],
      (_, digest) => ({ digest, platform: { ...s390x, Architecture: 'amd64' } }),
    ],
    [
      'two operating systems, the later one with a long s',
      ['linux/amd64'],
      (_, digest) => ({ digest, platform: { os: 'windows', architecture: 'amd64', oſ: 'linux' } }),
    ],
    [
      'a variant in other letters, where its absence means a newer one',
      ['linux/arm/v6'],
      (_, digest) => ({ digest, platform: { os: 'linux', architecture: 'arm', Variant: 'v6' } }),
    ],
  ])('an index never hides a child with %s', async (_, platforms, other) => {
    const verdict = await judged(other, platforms)
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    expect(verdict.rules[0]?.reasons).toMatchObject([{ code: 'VERIFIER_PLATFORMS_UNREADABLE' }])
  })

  test.each<[string, PlatformChoice, (signed: string, unsigned: string) => object]>([
    ['a signed child for another platform', 'every-child', () => ({ platform: s390x })],
    ['an unsigned child that is not asked for', ['linux/amd64'], (_, digest) => ({ digest, platform: s390x })],
    [
      'annotations that differ in case, which are a map',
      'every-child',
      () => ({ platform: s390x, annotations: { a: '1', A: '2' } }),
    ],
  ])('control: an index is admitted with %s', async (_, platforms, other) => {
    expect((await judged(other, platforms)).admitted).toBe(true)
  })
})

describe('plt-deny-last-child', () => {
  const choices: readonly (readonly [PlatformChoice])[] = [['every-child'], [['linux/amd64', 'linux/s390x']]]
  describe.each(choices)('with platforms %j', (platforms) => {
    test.each(['conditions', 'deny'])(
      '%s are evaluated for the statements of each child, whether the denied one is first or last',
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
