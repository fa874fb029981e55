import { createImageVerifier, parsePolicies, type ImageVerdict } from '@verify-images/core'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { clusterPolicy, keyAttestor } from '@verify-images/testing/internal'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Properties that must hold for every policy, tested with real signatures from the policy text to the verdict.

const SIGNERS = ['ann', 'bob', 'cid'] as const
/** `nobody` is a key that signed nothing, and `broken` is not a key. */
const NAMES = [...SIGNERS, 'nobody', 'broken'] as const
type Name = (typeof NAMES)[number]
type Entry = Name | { readonly count: number; readonly entries: readonly Name[] }
interface Set {
  readonly count?: number
  readonly entries: readonly Entry[]
}

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
  // One image for every subset of the signers.
  for (let subset = 0; subset < 2 ** SIGNERS.length; subset++) {
    SIGNERS.filter((_, i) => (subset >> i) % 2 === 1).reduce(
      (image, name) => image.signedBy(world.key(name)),
      world.image(`registry.test/app:${String(subset)}`),
    )
  }
})
afterAll(() => world.close())

function keyEntry(name: Name): object {
  return keyAttestor(name === 'broken' ? { publicKey: 'not a key' } : world.key(name))
}

function policyOf(entries: readonly (readonly Set[])[]): string {
  const attestors = (sets: readonly Set[]): object[] =>
    sets.map((set) => ({
      ...set,
      entries: set.entries.map((entry) =>
        typeof entry === 'string'
          ? keyEntry(entry)
          : { attestor: { count: entry.count, entries: entry.entries.map(keyEntry) } },
      ),
    }))
  return JSON.stringify(
    clusterPolicy(entries.map((sets) => ({ imageReferences: ['registry.test/*'], attestors: attestors(sets) }))),
  )
}

async function judge(subset: number, entries: readonly (readonly Set[])[]): Promise<ImageVerdict> {
  const verifier = createImageVerifier({ policies: parsePolicies(policyOf(entries)), registry: world.registryClient() })
  return verifier.verifyImage(`registry.test/app:${String(subset)}`)
}

const subsets = fc.nat(2 ** SIGNERS.length - 1)
const names = fc.shuffledSubarray([...NAMES], { minLength: 1 })
const nested = names.chain((entries) =>
  fc.integer({ min: 1, max: entries.length }).map((count) => ({ count, entries })),
)
const sets: fc.Arbitrary<Set> = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: nested }), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((entries) => fc.integer({ min: 1, max: entries.length }).map((count) => ({ count, entries })))
const policies = fc.array(fc.array(sets, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })
const RANK = { rejected: 0, inconclusive: 1, accepted: 2 }

test('returns the same verdict whatever the order of entries, sets and image entries', async () => {
  const decisions: boolean[] = []
  await fc.assert(
    fc.asyncProperty(subsets, policies, async (subset, entries) => {
      const reversed = entries
        .toReversed()
        .map((of) => of.toReversed().map((set) => ({ ...set, entries: set.entries.toReversed() })))
      const [one, other] = [await judge(subset, entries), await judge(subset, reversed)]
      expect([other.admitted, other.outcome, other.reference]).toEqual([one.admitted, one.outcome, one.reference])
      decisions.push(one.admitted)
    }),
    { numRuns: 150 },
  )
  expect(new Set(decisions)).toEqual(new Set([true, false]))
}, 60_000)

test('never returns a worse verdict for one more signature or one more satisfied entry', async () => {
  await fc.assert(
    fc.asyncProperty(subsets, sets, fc.constantFrom(...SIGNERS), async (subset, set, name) => {
      const before = await judge(subset, [[set]])
      const signed = subset | (1 << SIGNERS.indexOf(name))
      const bySignature = await judge(signed, [[set]])
      expect(RANK[bySignature.outcome]).toBeGreaterThanOrEqual(RANK[before.outcome])
      const byEntry = await judge(signed, [[{ ...set, entries: [...set.entries, name] }]])
      expect(RANK[byEntry.outcome]).toBeGreaterThanOrEqual(RANK[bySignature.outcome])
      expect(byEntry.admitted || !bySignature.admitted).toBe(true)
    }),
    { numRuns: 150 },
  )
}, 60_000)
