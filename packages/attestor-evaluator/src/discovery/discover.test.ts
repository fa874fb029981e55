import { describe, expect, test } from 'vitest'
import {
  MAX_DISCOVERY_BYTES,
  MAX_DISCOVERY_CHILDREN,
  MAX_DISCOVERY_DEPTH,
  MAX_DISCOVERY_REQUESTS,
  MAX_REFERRERS,
} from '../limits.ts'
import type { AttachmentReader, DiscoveredArtifact, Discovery } from './discovery.ts'
import { discover } from './discover.ts'
import { createCorpusSource } from '../testing/corpus-source.ts'
import { createCosignWorld, attested, repository, signed } from '../testing/cosign-world.ts'
import { makeKeyPair, OCI_MANIFEST, sourceFault } from '@verify-images/testing/internal'
import { digestOf, parseDigest, type Digest } from '@verify-images/primitives'

const { signal } = new AbortController()
const key = makeKeyPair()

describe('discover', () => {
  test('finds signatures, attestations and bundles under tags and as referrers', async () => {
    const world = createCosignWorld()
    const image = world.image('all')
    world.store(image, 'sig', [signed(key, image), signed(key, image, { optional: { n: 2 } })])
    const attestation = attested([key], image)
    world.store(image, 'att', [{ ...attestation, annotations: { predicateType: 'https://example.com/scan/v1' } }])
    const referrer = (
      artifactType: string,
    ): { mediaType: string; digest: Digest; size: number; artifactType: string } => ({
      mediaType: 'x',
      digest: parseDigest(`sha256:${'0'.repeat(64)}`),
      size: 1,
      artifactType,
    })
    world.source.putReferrers(image.digest, [
      referrer('application/vnd.dev.sigstore.bundle.v0.3+json'),
      referrer('application/vnd.cncf.notary.signature'),
      referrer('sbom/x'),
    ])

    const { artifacts, complete, asked } = await discover(image, world.source, signal)
    expect(artifacts.map(({ kind, found, layers }) => [kind, found.by, layers.length])).toEqual([
      ['signature', 'tag', 2],
      ['attestation', 'tag', 1],
      ['bundle', 'referrers', 0],
      ['notary-signature', 'referrers', 0],
      ['other', 'referrers', 0],
    ])
    expect(artifacts[1]?.layers[0]?.claims).toMatchObject({
      format: 'cosign-attestation',
      predicateType: 'https://example.com/scan/v1',
    })
    // Four for the image, and four for the SBOM, which may be signed itself.
    expect([complete, asked.length]).toEqual([true, 8])
  })

  test('finds nothing beside an unsigned image, and is complete', async () => {
    const world = createCosignWorld()
    expect(await discover(world.image('bare'), world.source, signal)).toMatchObject({
      artifacts: [],
      complete: true,
      problems: [],
    })
  })

  test('is incomplete when requests fail', async () => {
    const world = createCosignWorld()
    const image = world.image('dark')
    world.store(image, 'sig', [signed(key, image)])
    const tag = `${image.digest.replace(':', '-')}.att`
    world.source.breakAt(tag, sourceFault('REGISTRY_UNAVAILABLE', true))
    const { artifacts, complete, problems } = await discover(image, world.source, signal)
    expect([artifacts.length, complete, problems]).toEqual([1, false, [`tag ${tag}: the registry is gone`]])
  })

  test('lists an unreadable attachment, which hides no other', async () => {
    const world = createCosignWorld()
    const image = world.image('odd')
    world.source.putManifest(repository, `${image.digest.replace(':', '-')}.sig`, Buffer.from('{'))
    expect(await discover(image, world.source, signal)).toMatchObject({
      complete: true,
      artifacts: [{ kind: 'signature', layers: [], problems: ['cannot parse the signature manifest: not JSON'] }],
    })
  })

  test('trusts the manifest of a referrer over its entry in the listing', async () => {
    const world = createCosignWorld()
    const image = world.image('lied')
    const bundle = {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      config: {},
      subject: { digest: image.digest },
      layers: [],
    }
    const digest = world.source.putManifest(repository, undefined, bundle)
    const foreign = world.source.putManifest(repository, undefined, { ...bundle, subject: { digest } })
    world.source.putReferrers(
      image.digest,
      [
        { mediaType: OCI_MANIFEST, digest, size: 1, artifactType: 'text/sbom' },
        { mediaType: OCI_MANIFEST, digest },
        { mediaType: OCI_MANIFEST, digest: foreign },
      ].map((each) => ({ size: 1, ...each })),
    )
    const { artifacts } = await discover(image, world.source, signal)
    expect(artifacts.map(({ kind, problems }) => [kind, problems])).toEqual([
      ['bundle', ['it is listed as `text/sbom`, but its manifest has another artifact type']],
      ['bundle', []],
      ['bundle', ['it refers to another subject']],
    ])
  })

  test('is incomplete when one layer cannot be fetched, and lists the others', async () => {
    const world = createCosignWorld()
    const image = world.image('part')
    const lost = signed(key, image, { optional: { n: 'lost' } })
    world.store(image, 'sig', [signed(key, image), lost])
    world.source.breakAt(digestOf(lost.bytes), sourceFault('REGISTRY_TIMEOUT', true))
    const { artifacts, complete, problems } = await discover(image, world.source, signal)
    expect(artifacts[0]?.layers.map(({ claims, problem }) => [claims?.subject?.isThisImage, problem])).toEqual([
      [true, undefined],
      [undefined, 'it could not be fetched'],
    ])
    expect([complete, problems]).toEqual([false, [`layer ${digestOf(lost.bytes)}: the registry is gone`]])
  })

  test('stops at the limit on requests', async () => {
    const world = createCosignWorld()
    const image = world.image('many')
    world.store(
      image,
      'sig',
      Array.from({ length: MAX_DISCOVERY_REQUESTS + 50 }, (_, i) => signed(key, image, { optional: { n: String(i) } })),
    )
    const { artifacts, complete, problems } = await discover(image, world.source, signal)
    expect(artifacts[0]?.layers).toHaveLength(MAX_DISCOVERY_REQUESTS + 50)
    expect(artifacts[0]?.layers.filter(({ claims }) => claims)).toHaveLength(MAX_DISCOVERY_REQUESTS - 2)
    expect([complete, problems[0]]).toEqual([
      false,
      expect.stringContaining(`the discovery of one image is limited to ${MAX_DISCOVERY_REQUESTS} requests`),
    ])
    expect(world.source.asked).toHaveLength(MAX_DISCOVERY_REQUESTS)
  })

  test('stops at the limit on bytes', async () => {
    const world = createCosignWorld()
    const image = world.image('large')
    const layers = Array.from({ length: 3 }, (_, i) => ({
      mediaType: 'x',
      digest: `sha256:${String(i).repeat(64)}`,
      size: MAX_DISCOVERY_BYTES / 2,
    }))
    world.source.putManifest(repository, `${image.digest.replace(':', '-')}.sig`, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      layers,
    })
    const { complete, problems } = await discover(image, world.source, signal)
    expect([
      complete,
      problems.filter((problem) => problem.includes(`limited to ${MAX_DISCOVERY_BYTES} bytes`)).length,
    ]).toEqual([false, 2])
    expect(world.source.asked.filter((asked) => asked.startsWith('blob'))).toHaveLength(1)
  })

  test('reads as many referrers as verifiers do, and lists all of them', async () => {
    const world = createCosignWorld()
    const image = world.image('crowd')
    world.source.putReferrers(
      image.digest,
      Array.from({ length: MAX_REFERRERS + 1 }, (_, i) => ({
        mediaType: 'x',
        digest: digestOf(Buffer.from([i])),
        size: 1,
      })),
    )
    const { artifacts, complete, problems } = await discover(image, world.source, signal)
    expect([artifacts.length, artifacts.filter(({ problems: own }) => own.length > 0).length, complete]).toEqual([
      MAX_REFERRERS + 1,
      MAX_REFERRERS,
      false,
    ])
    expect(problems).toEqual([
      `referrers of ${image.digest}: there are ${MAX_REFERRERS + 1}, only ${MAX_REFERRERS} of them are read`,
    ])
  })

  test('is incomplete when the registry truncates its listing', async () => {
    const world = createCosignWorld()
    const source = {
      ...world.source,
      listReferrers: async () => ({ descriptors: [], complete: false, source: 'api' }) as const,
    }
    expect(await discover(world.image('cut'), source, signal)).toMatchObject({ complete: false, artifacts: [] })
    const silent = {
      ...world.source,
      listReferrers: async () => ({ descriptors: [], complete: false, source: 'none' }) as const,
    }
    expect(await discover(world.image('cut'), silent, signal)).toMatchObject({ complete: false })
  })

  test('uses readers of the caller, and reports one that throws', async () => {
    const world = createCosignWorld()
    const image = world.image('read')
    world.store(image, 'sig', [signed(key, image)])
    const failing: AttachmentReader = {
      artifactType: 'application/vnd.dev.cosign.artifact.sig',
      read: () => {
        throw new RangeError('odd')
      },
    }
    expect(await discover(image, world.source, signal, { readers: [failing] })).toMatchObject({
      complete: true,
      artifacts: [{ layers: [{ problem: 'odd' }] }],
    })
  })

  test('rejects with the reason of an aborted signal', async () => {
    const world = createCosignWorld()
    const image = world.image('late')
    const controller = new AbortController()
    const source = {
      ...world.source,
      listReferrers: async () => {
        controller.abort(new Error('enough'))
        throw sourceFault('REGISTRY_TIMEOUT', true)
      },
    }
    await expect(discover(image, source, controller.signal)).rejects.toThrow('enough')
  })

  test('throws for an image that is not in the registry', async () => {
    await expect(
      discover({ reference: 'x', repository, tag: 'nosuch' }, createCosignWorld().source, signal),
    ).rejects.toMatchObject({ code: 'ATTESTOR_IMAGE_NOT_FOUND' })
  })
})

describe('what is attached to an artifact', () => {
  const world = createCosignWorld()
  const put = (artifactType: string, subject: Digest): Digest => {
    const document = {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType,
      subject: { digest: subject },
      layers: [],
    }
    const digest = world.source.putManifest(repository, undefined, document)
    world.source.putReferrers(subject, [{ mediaType: OCI_MANIFEST, digest, size: 1, artifactType }])
    return digest
  }
  const depthOf = ({ attached: [below] }: DiscoveredArtifact): number => (below === undefined ? 0 : 1 + depthOf(below))

  test('lists what is attached to an artifact below it, as deep as the limit', async () => {
    const image = world.image('deep')
    for (let i = 0, subject = image.digest; i < MAX_DISCOVERY_DEPTH + 3; i++) subject = put('text/sbom', subject)
    const { artifacts, complete } = await discover(image, world.source, signal)
    expect([artifacts.map(depthOf), complete]).toEqual([[MAX_DISCOVERY_DEPTH], true])
  })

  test('does not ask what is attached to a signature', async () => {
    const image = world.image('signed signature')
    put('text/x', put('application/vnd.cncf.notary.signature', image.digest))
    const { artifacts, asked } = await discover(image, world.source, signal)
    expect([artifacts.map(depthOf), asked.length]).toEqual([[0], 4])
  })

  test('asks once for each artifact, although a listing names the image itself or an artifact twice', async () => {
    const image = world.image('loop')
    const sbom = put('text/sbom', image.digest)
    const listed = { mediaType: OCI_MANIFEST, digest: sbom, size: 1 }
    world.source.putReferrers(image.digest, [listed, { ...listed, digest: image.digest }])
    world.source.putReferrers(sbom, [listed, { ...listed, digest: image.digest }])
    const { asked } = await discover(image, world.source, signal)
    expect(asked.filter((what) => what.startsWith('referrers'))).toEqual([
      `referrers of ${image.digest}`,
      `referrers of ${sbom}`,
    ])
  })
})

describe('the images of an index', () => {
  const world = createCosignWorld()
  const discoverIndex = async (manifests: unknown): Promise<Discovery> => {
    const digest = world.source.putManifest(repository, undefined, { schemaVersion: 2, manifests })
    return discover({ reference: 'index', repository, digest }, world.source, signal)
  }
  const child = (name: string, platform?: unknown): object => ({
    ...{ mediaType: OCI_MANIFEST, digest: world.image(name).digest, size: 1, platform },
  })

  test('lists the images of an index with their platforms, once each', async () => {
    const { children, complete } = await discoverIndex([
      child('a', { os: 'linux', architecture: 'arm', variant: 'v7' }),
      child('a', { os: 'linux', architecture: 'arm' }),
      child('b', { os: 5 }),
      child('c'),
    ])
    expect(children.map(({ platform }) => platform)).toEqual(['linux/arm/v7', undefined, undefined])
    expect(complete).toBe(true)
  })

  test.each<[string, unknown, number]>([
    ['one of them has no digest', [child('a'), { mediaType: OCI_MANIFEST, size: 1 }], 1],
    ['they are more than the limit', Array.from({ length: MAX_DISCOVERY_CHILDREN + 1 }, (_, i) => child(`n${i}`)), 50],
    ['they are no array', {}, 0],
  ])('is incomplete for an index if %s', async (_, manifests, count) => {
    const { children, complete, problems } = await discoverIndex(manifests)
    expect([children.length, complete]).toEqual([count, false])
    expect(problems[0]).toMatch(/^children of sha256:/)
  })
})

test('finds a signature and a bundle made by two tools', async () => {
  const image = {
    reference: 'registry.local:5000/app:bundle-both',
    repository: 'registry.local:5000/app',
    tag: 'bundle-both',
  }
  const { artifacts } = await discover(image, createCorpusSource(), signal)
  expect(artifacts.map(({ kind }) => kind)).toEqual(['signature', 'bundle'])
})
