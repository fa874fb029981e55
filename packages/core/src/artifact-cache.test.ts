import fc from 'fast-check'
import { createRegistryCache } from '@verify-images/registry-fetcher'
import { createSigningWorld } from '@verify-images/testing'
import { expect, test } from 'vitest'
import { createArtifactCache, type ArtifactCache } from './artifact-cache.ts'
import { createImageVerifier } from './create-image-verifier.ts'
import { createResultStore } from './remembered-results.ts'
import { podOf, policyOf, signedBy } from './testing/policies.ts'

test.each([{ maxBytes: 0 }, { maxTagAgeMs: -1 }, { maxTagAge: 1 }, { maxListingAgeMs: '1' }])(
  'refuses the options %j',
  (options: object) => {
    expect(() => createArtifactCache(options)).toThrow(expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID' }))
  },
)

test.each([1, 2, 7, 100, 600, 3_000])(
  'a cache of %i bytes keeps what fits, and changes no verdict',
  async (maxBytes) => {
    const world = await createSigningWorld()
    world.image('registry.test/app:1').signedBy(world.key('release'))
    world.image('registry.test/app:2').signedBy(world.key('mallory'))
    const cache = createArtifactCache({ maxBytes, maxTagAgeMs: 60_000, maxListingAgeMs: 60_000 })
    const verifier = createImageVerifier({
      policies: policyOf([signedBy([world.key('release')])]),
      registry: world.registryClient(),
      clock: world.clock,
      cache,
    })
    for (const tag of [1, 2, 1, 2]) {
      const { admitted } = await verifier.verifyResource(podOf(`registry.test/app:${String(tag)}`))
      expect(admitted).toBe(tag === 1)
      expect(cache.bytes).toBeLessThanOrEqual(maxBytes)
    }
    await world.close()
  },
)

test('refuses a cache that createArtifactCache did not make', () => {
  expect(() => createImageVerifier({ policies: [], cache: {} as unknown as ArtifactCache })).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID' }),
  )
})

const AGE_MS = 10

/** A cache whose clock the test sets. */
function timedCache(time: { now: number }): ArtifactCache {
  const registry = createRegistryCache({ maxTagAgeMs: AGE_MS, maxListingAgeMs: AGE_MS }, () => ({
    wall: time.now,
    monotonic: time.now,
  }))
  return { bytes: 0, clear: () => registry.clear(), registry, results: createResultStore(1_000_000) }
}

type Change =
  | { readonly kind: 'move'; readonly to: 0 | 1 }
  | { readonly kind: 'sign' | 'replace' | 'remove'; readonly image: 0 | 1 }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'review' }

const anImage = fc.constantFrom(0 as const, 1 as const)
const aChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('move' as const), to: anImage }),
  fc.record({ kind: fc.constantFrom('sign' as const, 'replace' as const, 'remove' as const), image: anImage }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15 }) }),
  { arbitrary: fc.constant({ kind: 'review' as const }), weight: 3 },
)

/** The values that something had, each from a time on. */
interface History<T> {
  set(at: number, value: T): void
  /** The values between two times. */
  within(from: number, to: number): readonly T[]
}

function historyOf<T>(first: T): History<T> {
  const values: { at: number; value: T }[] = [{ at: -Infinity, value: first }]
  return {
    set: (at, value) => void values.push({ at, value }),
    within: (from, to) =>
      values.filter(({ at }, i) => at <= to && (values[i + 1]?.at ?? Infinity) >= from).map(({ value }) => value),
  }
}

/**
 * Tag and signatures are two requests, also without a cache: a registry may change between them. So each of them is as
 * it was at some moment within the age.
 */
test('a verdict is that of a tag and of signatures as they were at a moment within the stated age', async () => {
  let requests = 0
  let reviews = 0
  await fc.assert(
    fc.asyncProperty(fc.array(aChange, { minLength: 5, maxLength: 25 }), async (changes) => {
      const world = await createSigningWorld()
      const time = { now: 0 }
      const images = [world.image('registry.test/app:1'), world.image('registry.test/app:2')] as const
      const store = world.registry.repository('app')
      const tag = historyOf<0 | 1>(0)
      const signed = [historyOf(false), historyOf(false)] as const
      const verifier = createImageVerifier({
        policies: policyOf([signedBy([world.key('release')])]),
        registry: world.registryClient(),
        clock: world.clock,
        cache: timedCache(time),
      })
      const apply = {
        move: (image: 0 | 1) => {
          const manifest = store.manifest(images[image].digest)
          if (manifest !== undefined) store.putManifest(manifest, '1')
          tag.set(time.now, image)
        },
        sign: (image: 0 | 1) => images[image].resignedBy(world.key('release')),
        replace: (image: 0 | 1) => images[image].resignedBy(world.key('mallory')),
        remove: (image: 0 | 1) => images[image].unsigned(),
      }
      for (const change of changes) {
        if (change.kind === 'wait') time.now += change.ms
        else if (change.kind === 'move') apply.move(change.to)
        else if (change.kind !== 'review') {
          apply[change.kind](change.image)
          signed[change.image].set(time.now, change.kind === 'sign')
        } else {
          const verdict = await verifier.verifyResource(podOf('registry.test/app:1'))
          const from = time.now - AGE_MS
          const possible = tag
            .within(from, time.now)
            .flatMap((image) =>
              signed[image].within(from, time.now).map((ok) => (ok ? images[image].digest : 'rejected')),
            )
          expect(possible).toContain(verdict.admitted ? verdict.images[0]?.digest : verdict.outcome)
          reviews++
          requests += verdict.requests.total
        }
      }
      await world.close()
    }),
    { numRuns: 60 },
  )
  // The control: some reviews used what was kept.
  expect(requests).toBeLessThan(2 * reviews)
}, 120_000)
