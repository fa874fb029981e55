import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { entryOf, keyAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import '@verify-images/testing/vitest'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

const verdictOf = (by: string, pattern = 'registry.test/*'): ReturnType<typeof judge> =>
  judge(
    world,
    world.image('registry.test/app:1').unsigned().signedBy(world.key(by)),
    entryOf(keyAttestor(world.key('release')), { imageReferences: [pattern] }),
  )

test('take a verdict or a promise of one', async () => {
  await expect(await verdictOf('release')).toBeAdmitted()
  await expect(verdictOf('release')).toBeAdmitted()
  await expect(verdictOf('mallory')).not.toBeAdmitted()
  await expect(verdictOf('mallory')).toBeDeniedWith('ATTESTOR_SIGNATURE_INVALID')
})

test('fail with and without `.not` for an image that no policy matches', async () => {
  const unmatched = await verdictOf('release', 'elsewhere.test/*')
  expect(unmatched).toMatchObject({ admitted: true, unmatched: true })
  await expect(expect(unmatched).toBeAdmitted()).rejects.toThrow('to be admitted by a policy, but no policy matches it')
  await expect(expect(unmatched).not.toBeAdmitted()).rejects.toThrow(
    'to be denied by a policy, but no policy matches it',
  )
})

test('throw at once for `.not.toBeDeniedWith`, which any misspelt code would satisfy', () => {
  for (const key of ['mallory', 'release'] as const) {
    expect(() => {
      // @ts-expect-error a misspelt code
      void expect(verdictOf(key)).not.toBeDeniedWith('ATTESTOR_NO_SIGNATUR')
    }).toThrow('toBeDeniedWith has no `.not`')
  }
})

test('explain a failure with the codes and messages of the verdict', async () => {
  await expect(expect(verdictOf('mallory')).toBeAdmitted()).rejects.toThrow(
    /denied \(ATTESTOR_SIGNATURE_INVALID\):\n\s+signed\/check: fail: /,
  )
  await expect(expect(verdictOf('mallory')).toBeDeniedWith('ATTESTOR_NO_SIGNATURE')).rejects.toThrow(
    'denied with ATTESTOR_SIGNATURE_INVALID',
  )
  await expect(expect(verdictOf('release')).toBeDeniedWith('ATTESTOR_NO_SIGNATURE')).rejects.toThrow('it was admitted')
  await expect(expect(verdictOf('release')).not.toBeAdmitted()).rejects.toThrow('not to be admitted')
})

test.each([undefined, {}, 'registry.test/app:1', { admitted: false }])(
  'throw for %o, which is not a verdict',
  async (value) => {
    await expect(expect(value).toBeAdmitted()).rejects.toThrow('expected the verdict')
    await expect(expect(value).not.toBeAdmitted()).rejects.toThrow('expected the verdict')
    await expect(expect(value).toBeDeniedWith('ATTESTOR_NO_SIGNATURE')).rejects.toThrow('expected the verdict')
  },
)
