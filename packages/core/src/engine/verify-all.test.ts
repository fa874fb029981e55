import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createArtifactCache } from '../artifact-cache.ts'
import { createImageVerifier, type ImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { RunResult } from './verify-all.ts'

let world: SigningWorld
beforeEach(async () => {
  world = await createSigningWorld()
})
afterEach(() => world.close())

function verifierOf(options: Partial<ImageVerifierOptions> = {}): ImageVerifier {
  return createImageVerifier({
    policies: policyOf([signedBy([world.key('release')])]),
    registry: world.registryClient(),
    clock: world.clock,
    ...options,
  })
}

async function collect(results: AsyncIterable<RunResult>): Promise<RunResult[]> {
  const all: RunResult[] = []
  for await (const each of results) all.push(each)
  return all
}

const admitted = (results: readonly RunResult[]): readonly unknown[] =>
  results.map((result) =>
    'verdict' in result ? result.verdict.admitted : 'error' in result ? result.error.code : result.kind,
  )

test('300 Pods with 60 images fetch everything once, and have the verdicts of separate evaluations', async () => {
  const images = Array.from({ length: 60 }, (_, i) => {
    const image = world.image(`registry.test/app-${String(i)}:1`)
    return i % 10 === 0 ? image : image.signedBy(world.key('release'))
  })
  const pods = Array.from({ length: 300 }, (_, i) => podOf(images[i % 60]?.reference ?? ''))
  const results = await collect(verifierOf().verifyAll(pods))
  expect(results.map(({ index }) => index)).toEqual(pods.map((_, i) => i))
  expect(admitted(results)).toEqual(pods.map((_, i) => (i % 60) % 10 !== 0))
  // Of the 6 unsigned images, the tag, the signature that is not there, and whether there are signatures of other
  // types.
  expect(world.registry.requests).toHaveLength(54 * 3 + 6 * 4)
}, 60_000)

test('a run has one clock reading', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  let readings = 0
  const verifier = verifierOf({ clock: () => new Date(1_800_000_000_000 + readings++) })
  const results = await collect(verifier.verifyAll(Array.from({ length: 10 }, () => podOf('registry.test/app:1'))))
  expect(admitted(results)).toEqual(Array.from({ length: 10 }, () => true))
  expect(readings).toBe(1)
})

test('a tag that moves during a run keeps its digest, and has the new one in the next run', async () => {
  const { digest } = world.image('registry.test/app:1').signedBy(world.key('release'))
  const other = world.image('registry.test/app:2')
  const move = function* (): Generator<object> {
    yield podOf('registry.test/app:1')
    yield podOf('registry.test/app:1')
  }
  const verifier = verifierOf()
  const run = verifier.verifyAll(move(), { concurrency: 1 })
  const digestOf = ({ value }: IteratorResult<RunResult, void>): unknown =>
    value?.kind === 'object' ? value.verdict.images[0]?.digest : undefined
  expect(digestOf(await run.next())).toBe(digest)
  moveTag(other.digest)
  expect(digestOf(await run.next())).toBe(digest)
  expect(admitted(await collect(verifier.verifyAll(move())))).toEqual([false, false])
})

function moveTag(digest: string): void {
  const store = world.registry.repository('app')
  const manifest = store.manifest(digest)
  if (manifest !== undefined) store.putManifest(manifest, '1')
}

test('images given as references share what objects of the run fetched', async () => {
  const { digest } = world.image('registry.test/app:1').signedBy(world.key('release'))
  const results = await collect(
    verifierOf().verifyAll(['registry.test/app:1', podOf('registry.test/app:1'), 'registry.test/app:2'], {
      concurrency: 1,
    }),
  )
  expect(results).toMatchObject([
    { kind: 'image', image: 'registry.test/app:1', verdict: { admitted: true, digest } },
    { kind: 'object', verdict: { admitted: true } },
    { kind: 'image', verdict: { admitted: false } },
  ])
  expect(world.registry.requests).toHaveLength(4)
})

test('an item that is not an object has its own result, and does not end the run', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const items = [null, 7, {}, podOf('registry.test/app:1')] as object[]
  expect(admitted(await collect(verifierOf().verifyAll(items)))).toEqual([
    'VERIFIER_RESOURCE_INVALID',
    'VERIFIER_RESOURCE_INVALID',
    'VERIFIER_RESOURCE_INVALID',
    true,
  ])
})

test('each object has its own request, deadline and signal', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const seen: number[] = []
  const results = await collect(
    verifierOf().verifyAll([podOf('registry.test/app:1'), podOf('registry.test/app:1'), podOf('registry.test/app:1')], {
      concurrency: 1,
      request: (_, index) => {
        seen.push(index)
        return index === 0 ? { signal: AbortSignal.abort() } : index === 1 ? { operation: 'DELETE' } : {}
      },
    }),
  )
  expect(seen).toEqual([0, 1, 2])
  expect(results).toMatchObject([
    { kind: 'aborted', index: 0, reason: expect.any(DOMException) },
    { verdict: { admitted: true, unmatched: true } },
    { verdict: { admitted: true, outcome: 'accepted' } },
  ])
})

test('each object of a run has its own budget', async () => {
  for (const name of ['a', 'b']) world.image(`registry.test/app-${name}:1`).signedBy(world.key('release'))
  const pods = ['a', 'b', 'a', 'b'].map((name) => podOf(`registry.test/app-${name}:1`))
  const verifier = verifierOf({ limits: { requests: 3 } })
  expect(admitted(await collect(verifier.verifyAll(pods)))).toEqual([true, true, true, true])
  const both = podOf('registry.test/app-a:1', 'registry.test/app-b:1')
  expect(admitted(await collect(verifier.verifyAll([both])))).toEqual([false])
})

test('an object that waits for another whose budget ends fetches for itself', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const others = Array.from({ length: 3 }, (_, i) => world.image(`registry.test/other-${String(i)}:1`))
  const spends = podOf(...others.map(({ reference }) => reference), 'registry.test/app:1')
  const verifier = verifierOf({ limits: { requests: 4 } })
  const results = await collect(verifier.verifyAll([spends, podOf('registry.test/app:1')]))
  expect(results).toMatchObject([{ verdict: { admitted: false } }, { verdict: { admitted: true } }])
})

test('a run ends with its signal, and the consumer may stop at any time', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const controller = new AbortController()
  const endless = function* (): Generator<object> {
    for (;;) yield podOf('registry.test/app:1')
  }
  const run = verifierOf().verifyAll(endless(), { signal: controller.signal })
  expect(await run.next()).toMatchObject({ done: false })
  controller.abort(new Error('enough'))
  await expect(collect(run)).rejects.toThrow('enough')
  const stopped = verifierOf().verifyAll(endless())
  for await (const { index } of stopped) if (index === 20) break
  expect(await stopped.next()).toEqual({ done: true, value: undefined })
})

test('a key is resolved once in a run, and again if that failed', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  let asked = 0
  const kms = { keys: { kms: 'awskms:///alias/a', rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }
  const verifier = verifierOf({
    policies: policyOf([{ imageReferences: ['*'], attestors: [{ entries: [kms] }] }]),
    keys: {
      resolveKey: () => {
        asked++
        if (asked === 1) throw new Error('no route')
        return Promise.resolve(world.key('release').publicKey)
      },
    },
  })
  const pods = Array.from({ length: 5 }, () => podOf('registry.test/app:1'))
  expect(admitted(await collect(verifier.verifyAll(pods, { concurrency: 1 })))).toEqual([false, true, true, true, true])
  expect(asked).toBe(2)
})

const misspelt: readonly object[] = [
  { concurency: 1 },
  { concurrency: 0 },
  { request: { namespce: 'a' } },
  { imageRequest: { lables: {} } },
]
test.each(misspelt)('refuses the options %j', async (options) => {
  await expect(collect(verifierOf().verifyAll([podOf('a'), 'a'], options))).rejects.toMatchObject({
    code: 'VERIFIER_OPTIONS_INVALID',
  })
})

test('a run reads and fills the cache of its verifier', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const cache = createArtifactCache({ maxTagAgeMs: 60_000, maxListingAgeMs: 60_000 })
  const verifier = verifierOf({ cache })
  await collect(verifier.verifyAll(['registry.test/app:1']))
  await collect(verifier.verifyAll(['registry.test/app:1']))
  expect((await verifier.verifyImage('registry.test/app:1')).requests.total).toBe(0)
  expect(world.registry.requests).toHaveLength(3)
})

test('all evaluations of an open run share what they fetched', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const verifier = verifierOf({
    policies: policyOf([signedBy([world.key('release')])], { spec: { background: true } }),
  })
  const run = verifier.openRun()
  expect((await run.verifyResource(podOf('registry.test/app:1'))).requests.total).toBe(3)
  expect((await run.verifyImage('registry.test/app:1')).requests.total).toBe(0)
  expect((await run.scan(podOf('registry.test/app:1'))).requests.total).toBe(0)
  expect((await verifier.openRun().verifyImage('registry.test/app:1')).requests.total).toBe(3)
})

test('warm fills the cache of a verifier, and a verifier without one reads again', async () => {
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const cache = createArtifactCache({ maxTagAgeMs: 60_000, maxListingAgeMs: 60_000 })
  for (const [options, requests] of [
    [{ cache }, 0],
    [{}, 3],
  ] as const) {
    const verifier = verifierOf(options)
    await verifier.warm(['registry.test/app:1'])
    expect((await verifier.verifyResource(podOf('registry.test/app:1'))).requests.total).toBe(requests)
  }
})
