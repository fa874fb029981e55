import type { SigningWorld } from '@verify-images/testing'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CASES, createGuideWorld, guide, verify } from './guide.ts'

let world: SigningWorld
beforeAll(async () => {
  world = await createGuideWorld()
})
afterAll(() => world.close())

test.each(CASES)('the policy $policy admits what it wants, pinned, and refuses the other image', async (each) => {
  const good = await verify(world, each.policy, each.admits(world))
  expect(good).toMatchObject({ admitted: true, outcome: 'accepted', images: [{ verified: true }] })
  const bad = await verify(world, each.policy, each.refuses(world))
  expect(bad).toMatchObject({ admitted: each.audits === true, outcome: 'rejected' })
  expect(bad.rules.flatMap(({ reasons }) => reasons)[0]).toMatchObject({
    source: `policies/${each.policy}.yaml`,
    line: expect.any(Number) as number,
    image: expect.stringContaining('registry.local:5000/') as string,
  })
})

test('every policy has its case', () => {
  const files = readdirSync(join(import.meta.dirname, 'policies')).map((file) => file.replace('.yaml', ''))
  expect(CASES.map(({ policy }) => policy).toSorted()).toEqual(files.toSorted())
})

test('the example prints a decision for each image', async () => {
  const lines: string[] = []
  await guide((line) => lines.push(line))
  const text = lines.join('\n')
  expect(text.match(/^ {2}admitted: every rule passed$/gm)).toHaveLength(CASES.length)
  expect(text.match(/^ {2}denied: /gm)).toHaveLength(CASES.length - 1)
  expect(text).toContain('  admitted, although registry.local:5000/app:unsigned is rejected')
})
