import { expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'

const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'

test.each([
  [3, 0, false],
  [0, 3, false],
  [0, 0, true],
])(
  'deny is evaluated for the statements of every child of an index: amd64 %i, arm64 %i',
  async (amd64, arm64, admitted) => {
    const { world } = attacked
    const key = world.key('release')
    const index = world.index('registry.test/app:1', {
      'linux/amd64': world
        .image('registry.test/app:amd64')
        .attestedBy(key, { type: SCAN, predicate: { critical: amd64 } }),
      'linux/arm64': world
        .image('registry.test/app:arm64')
        .attestedBy(key, { type: SCAN, predicate: { critical: arm64 } }),
    })
    const policies = policyOf([
      {
        imageReferences: ['registry.test/*'],
        attestations: [{ name: 'scan', type: SCAN, attestors: [{ entries: [keyAttestor(key)] }] }],
        validate: {
          message: 'critical findings',
          deny: { conditions: { any: [{ key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 }] } },
        },
      },
    ])
    const verdict = await attacked.judge(policies, podOf(index.reference), { platforms: 'every-child' })
    expect(verdict.admitted).toBe(admitted)
    if (!admitted) expect(verdict.rules[0]?.reasons).toMatchObject([{ code: 'VERIFIER_DENIED' }])
  },
)

test.each([
  [false, true, false],
  [true, true, false],
  [false, false, true],
])(
  'an entry that could not be checked is not hidden by a later one that pins (first pins: %s, registry fails: %s)',
  async (mutateDigest, fails, admitted) => {
    const { world } = attacked
    const [one, two] = [world.key('one'), world.key('two')]
    world.image('registry.test/sigs:1').signedBy(one)
    world.image('registry.test/app:1').signedBy(two)
    if (fails) attacked.fault = ({ path }) => (path.includes('/sigs/') ? { reset: true } : undefined)
    const policies = policyOf(
      [
        {
          imageReferences: ['registry.test/*'],
          mutateDigest,
          verifyDigest: mutateDigest,
          ...(fails ? { repository: 'registry.test/sigs' } : {}),
          attestors: [{ entries: [keyAttestor(fails ? one : two)] }],
        },
        { imageReferences: ['registry.test/*'], attestors: [{ entries: [keyAttestor(two)] }] },
      ],
      { spec: { failurePolicy: 'Ignore' } },
    )
    const verdict = await attacked.judge(policies, podOf('registry.test/app:1'))
    expect(verdict.admitted).toBe(admitted)
  },
)
