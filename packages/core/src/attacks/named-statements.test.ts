import { expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'

const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const BUILD = 'https://example.com/build'

test.each([
  ['the scan stored first', [SCAN, BUILD]],
  ['the build stored first', [BUILD, SCAN]],
])('of several named attestations, `deny` sees under each name the statement of its type: %s', async (_, order) => {
  const { world } = attacked
  const key = world.key('release')
  const attestors = [{ entries: [keyAttestor(key)] }]
  const policies = policyOf([
    {
      imageReferences: ['registry.test/*'],
      attestations: [
        { name: 'scan', type: SCAN, attestors },
        { name: 'build', type: BUILD, attestors },
      ],
      validate: {
        message: 'denied',
        deny: {
          conditions: {
            any: [
              { key: '{{ scan.level }}', operator: 'GreaterThan', value: 5 },
              { key: '{{ build.level }}', operator: 'LessThan', value: 5 },
            ],
          },
        },
      },
    },
  ])
  const admits = async (name: string, levels: Readonly<Record<string, number>>): Promise<boolean> => {
    const image = world.image(`registry.test/${name}:1`)
    for (const type of order) image.attestedBy(key, { type, predicate: { level: levels[type] ?? 0 } })
    return (await attacked.judge(policies, podOf(image.reference))).admitted
  }
  expect(await admits('good', { [SCAN]: 1, [BUILD]: 9 })).toBe(true)
  expect(await admits('bad-scan', { [SCAN]: 9, [BUILD]: 9 })).toBe(false)
  expect(await admits('bad-build', { [SCAN]: 1, [BUILD]: 1 })).toBe(false)
})
