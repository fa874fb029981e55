import { describe, expect, test } from 'vitest'
import { createArtifactCache } from '../artifact-cache.ts'
import { createImageVerifier, type ImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'

/**
 * A cache that every evaluation of a test shares. Nothing that one evaluation was told may decide another one that
 * would be told something else. Each attack has its control: the evaluation that may use the cache makes no request.
 */
const attacked = attackedWorld()
const HOUR = 3_600_000
const pod = podOf('registry.test/app:1')

function verifierOf(
  policies: ImageVerifierOptions['policies'],
  options: Omit<ImageVerifierOptions, 'policies'>,
): ImageVerifier {
  return createImageVerifier({ clock: attacked.world.clock, ...options, policies })
}

const longLived = (): ReturnType<typeof createArtifactCache> =>
  createArtifactCache({ maxTagAgeMs: HOUR, maxListingAgeMs: HOUR })

/** Returns whether an evaluation admits, and how many requests it made. */
async function judge(verifier: ImageVerifier, object: object = pod): Promise<readonly [boolean, number]> {
  const { admitted, requests } = await verifier.verifyResource(object)
  return [admitted, requests.total]
}

test('a cached result of one key is not used for another key under the same names', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const shared = { cache: longLived(), registry: world.registryClient() }
  expect(await judge(verifierOf(policyOf([signedBy([world.key('release')])]), shared))).toEqual([true, 3])
  expect(await judge(verifierOf(policyOf([signedBy([world.key('other')])]), shared))).toEqual([false, 0])
  expect(await judge(verifierOf(policyOf([signedBy([world.key('release')])]), shared))).toEqual([true, 0])
})

test('a cached result is not used for a policy with other requirements and the same key', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const shared = { cache: longLived(), registry: world.registryClient() }
  const key = keyAttestor(world.key('release'))
  expect(await judge(verifierOf(policyOf([signedBy([world.key('release')])]), shared))).toEqual([true, 3])
  const annotated = { ...key, annotations: { env: 'prod' } }
  const logged = { keys: { publicKeys: world.key('release').publicKey } }
  for (const entry of [annotated, logged]) {
    const policies = policyOf([signedBy([], { attestors: [{ entries: [entry] }] })])
    expect(await judge(verifierOf(policies, { ...shared, trust: world.trust }))).toEqual([false, 0])
  }
  const distinct = policyOf([signedBy([], { attestors: [{ count: 2, entries: [key, key] }] })])
  expect(await judge(verifierOf(distinct, shared))).toEqual([false, 0])
})

test('a key that its resolver replaced is used at once', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  let pem = world.key('release').publicKey
  const entry = { keys: { kms: 'awskms:///alias/release', rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }
  const verifier = verifierOf(policyOf([signedBy([], { attestors: [{ entries: [entry] }] })]), {
    cache: longLived(),
    registry: world.registryClient(),
    keys: { resolveKey: () => Promise.resolve(pem) },
  })
  expect(await judge(verifier)).toEqual([true, 3])
  expect(await judge(verifier)).toEqual([true, 0])
  pem = world.key('other').publicKey
  expect(await judge(verifier)).toEqual([false, 0])
})

const identity = { subject: 'release@example.com', issuer: 'https://issuer.example' }
const keyless = (own: object = {}): object => ({
  keyless: { ...identity, rekor: { url: 'https://rekor.sigstore.dev' }, ...own },
})

describe.each(['Cosign', 'SigstoreBundle'] as const)('of %s', (type) => {
  const policies = (entry: object): ImageVerifierOptions['policies'] =>
    policyOf([signedBy([], { type, attestors: [{ entries: [entry] }] })])

  function signed(): { readonly cache: ReturnType<typeof createArtifactCache>; readonly requests: number } {
    const image = attacked.world.image('registry.test/app:1')
    if (type === 'Cosign') image.signedKeylessly(identity)
    else image.bundledKeylessly(identity)
    return { cache: longLived(), requests: type === 'Cosign' ? 3 : 4 }
  }

  test('a cached result of one trust root is not used for another', async () => {
    const { world } = attacked
    const { cache, requests } = signed()
    const shared = { cache, registry: world.registryClient() }
    const foreign = world.sigstore('foreign').trust
    expect(await judge(verifierOf(policies(keyless()), { ...shared, trust: world.trust }))).toEqual([true, requests])
    expect(await judge(verifierOf(policies(keyless()), { ...shared, trust: foreign }))).toEqual([false, 0])
    expect(await judge(verifierOf(policies(keyless()), { ...shared, trust: 'none' }))).toEqual([false, 0])
    expect(await judge(verifierOf(policies(keyless()), { ...shared, trust: world.trust }))).toEqual([true, 0])
  })

  test('a cached result of one identity is not used for another', async () => {
    const { world } = attacked
    const { cache, requests } = signed()
    const shared = { cache, registry: world.registryClient(), trust: world.trust }
    expect(await judge(verifierOf(policies(keyless()), shared))).toEqual([true, requests])
    for (const other of [{ subject: 'mallory@example.com' }, { issuer: 'https://other.example' }])
      expect(await judge(verifierOf(policies(keyless(other)), shared))).toEqual([false, 0])
  })

  test('a cached result without a log entry is not used where a policy requires the log', async () => {
    const { world } = attacked
    const image = world.image('registry.test/app:1')
    if (type === 'Cosign') image.signedBy(world.key('release'))
    else image.bundledBy(world.key('release'), { log: 'none' })
    const shared = { cache: longLived(), registry: world.registryClient(), trust: world.trust }
    const unlogged = keyAttestor(world.key('release'))
    const logged = { keys: { publicKeys: world.key('release').publicKey } }
    expect((await judge(verifierOf(policies(unlogged), shared)))[0]).toBe(true)
    expect(await judge(verifierOf(policies(logged), shared))).toEqual([false, 0])
    expect(await judge(verifierOf(policies(unlogged), shared))).toEqual([true, 0])
  })
})

test('a cached certificate is refused after it expires, and when the clock is set back', async () => {
  const { world } = attacked
  const certified = world.certificateAuthority('corp').issue('release')
  world.image('registry.test/app:1').signedBy(certified)
  const entry = {
    certificates: { cert: certified.certificate, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } },
  }
  let now = world.now
  const verifier = verifierOf(policyOf([signedBy([], { attestors: [{ entries: [entry] }] })]), {
    cache: longLived(),
    registry: world.registryClient(),
    clock: () => now,
  })
  expect(await judge(verifier)).toEqual([true, 3])
  now = new Date(world.now.getTime() + 20 * 365 * 24 * HOUR)
  expect(await judge(verifier)).toEqual([false, 0])
  now = new Date(world.now.getTime() - 20 * 365 * 24 * HOUR)
  expect(await judge(verifier)).toEqual([false, 0])
  now = world.now
  expect(await judge(verifier)).toEqual([true, 0])
})

test('cached signatures of one image are not used for another', async () => {
  const { world } = attacked
  const signed = world.image('registry.test/app:1').signedBy(world.key('release'))
  const other = world.image('registry.test/app:2')
  const verifier = verifierOf(policyOf([signedBy([world.key('release')])]), {
    cache: longLived(),
    registry: world.registryClient(),
  })
  expect(await judge(verifier)).toEqual([true, 3])
  other.withSignaturesOf(signed)
  expect((await judge(verifier, podOf(other.reference)))[0]).toBe(false)
})

test('an entry with useCache: false sees a moved tag and a replaced signature at once', async () => {
  const { world } = attacked
  const image = world.image('registry.test/app:1').signedBy(world.key('release'))
  const shared = { cache: longLived(), registry: world.registryClient() }
  const cached = verifierOf(policyOf([signedBy([world.key('release')])]), shared)
  const anew = verifierOf(policyOf([signedBy([world.key('release')], { useCache: false })]), shared)
  expect([await judge(cached), await judge(anew)]).toEqual([
    [true, 3],
    [true, 3],
  ])
  image.resignedBy(world.key('mallory'))
  expect([await judge(cached), await judge(anew)]).toEqual([
    [true, 0],
    [false, 3],
  ])
})

test('one entry with useCache: false turns the cache off for the whole evaluation', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const shared = { cache: longLived(), registry: world.registryClient() }
  await judge(verifierOf(policyOf([signedBy([world.key('release')])]), shared))
  const entries = [signedBy([world.key('release')]), signedBy([world.key('release')], { useCache: false })]
  expect(await judge(verifierOf(policyOf(entries), shared))).toEqual([true, 3])
  const ofOtherKind = policyOf([signedBy([world.key('release')], { useCache: false })], {
    name: 'jobs',
    kinds: ['CronJob'],
  })
  const both = [...policyOf([signedBy([world.key('release')])]), ...ofOtherKind]
  expect(await judge(verifierOf(both, shared))).toEqual([true, 0])
})

test('conditions, deny and exceptions are evaluated again, whatever is cached', async () => {
  const { world } = attacked
  world.image('registry.test/app:1').signedBy(world.key('release'))
  const deny = {
    validate: {
      message: 'no',
      deny: {
        conditions: { any: [{ key: '{{ request.namespace }}', operator: 'Equals', value: 'prod' }] },
      },
    },
  }
  const verifier = verifierOf(policyOf([signedBy([world.key('release')], deny)]), {
    cache: longLived(),
    registry: world.registryClient(),
  })
  expect(await judge(verifier)).toEqual([true, 3])
  const inProd = { ...pod, metadata: { ...pod.metadata, namespace: 'prod' } }
  expect(await judge(verifier, inProd)).toEqual([false, 0])
})

describe('verified bundles are remembered', () => {
  const bundled = (...keys: readonly string[]): ImageVerifierOptions['policies'] =>
    policyOf([
      signedBy(
        keys.map((key) => attacked.world.key(key)),
        { type: 'SigstoreBundle' },
      ),
    ])
  const three = (): readonly string[] =>
    ['one', 'two', 'three'].map((name) => {
      const image = attacked.world.image(`registry.test/${name}:1`).bundledBy(attacked.world.key('release'))
      return image.reference
    })

  test('verified bundles are remembered by later evaluations, which verify no signature again', async () => {
    const references = three()
    const shared = { cache: longLived(), registry: attacked.world.registryClient() }
    for (const reference of references)
      expect((await judge(verifierOf(bundled('release'), shared), podOf(reference)))[0]).toBe(true)
    const frugal = { ...shared, limits: { signatures: 1 } }
    expect(await judge(verifierOf(bundled('release'), frugal), podOf(...references))).toEqual([true, 0])
    // The control: without the cache, three signatures are verified.
    const alone = { registry: shared.registry, limits: { signatures: 1 } }
    expect((await judge(verifierOf(bundled('release'), alone), podOf(...references)))[0]).toBe(false)
  })

  test('a remembered bundle is not used for another key, nor after it was replaced by one of another key', async () => {
    const { world } = attacked
    const image = world.image('registry.test/app:1').bundledBy(world.key('release'))
    const cache = longLived()
    const shared = { cache, registry: world.registryClient() }
    expect(await judge(verifierOf(bundled('release'), shared))).toEqual([true, 4])
    expect(await judge(verifierOf(bundled('other'), shared))).toEqual([false, 0])
    image.unsigned().bundledBy(world.key('mallory'))
    cache.registry.clear()
    expect((await judge(verifierOf(bundled('release'), shared)))[0]).toBe(false)
    expect((await judge(verifierOf(bundled('mallory'), shared)))[0]).toBe(true)
  })

  test('a verified keyless bundle is verified again once its trust source gives another root', async () => {
    const { world } = attacked
    world.image('registry.test/app:1').bundledKeylessly(identity)
    let source = world.trust
    const verifier = verifierOf(
      policyOf([signedBy([], { type: 'SigstoreBundle', attestors: [{ entries: [keyless()] }] })]),
      { cache: longLived(), registry: world.registryClient(), trust: { load: (signal) => source.load(signal) } },
    )
    expect(await judge(verifier)).toEqual([true, 4])
    source = world.sigstore('foreign').trust
    expect(await judge(verifier)).toEqual([false, 0])
    source = world.trust
    expect(await judge(verifier)).toEqual([true, 0])
  })

  test('a verified keyless bundle without a clock of its own is verified for each time', async () => {
    const { world } = attacked
    world.image('registry.test/app:1').bundledKeylessly(identity)
    const ignored = keyless({
      rekor: { url: 'https://rekor.sigstore.dev', ignoreTlog: true },
      ctlog: { ignoreSCT: true },
    })
    const hour = 3_600_000
    const outcomes = async (cache: object): Promise<readonly boolean[]> => {
      let now = world.now
      const verifier = verifierOf(
        policyOf([signedBy([], { type: 'SigstoreBundle', attestors: [{ entries: [ignored] }] })]),
        { ...cache, registry: world.registryClient(), trust: world.trust, clock: () => now },
      )
      const admitted: boolean[] = []
      for (const hours of [-1, 0, 24 * 365, -24 * 365, -1]) {
        now = new Date(world.now.getTime() + hours * hour)
        admitted.push((await judge(verifier))[0])
      }
      return admitted
    }
    const alone = await outcomes({})
    expect(new Set(alone).size).toBe(2)
    expect(await outcomes({ cache: longLived() })).toEqual(alone)
  })

  test('that a bundle is invalid is remembered for its key only', async () => {
    const { world } = attacked
    world.image('registry.test/app:1').bundledBy(world.key('release'))
    const shared = { cache: longLived(), registry: world.registryClient() }
    expect((await judge(verifierOf(bundled('other'), shared)))[0]).toBe(false)
    expect(await judge(verifierOf(bundled('release'), shared))).toEqual([true, 0])
  })
})
