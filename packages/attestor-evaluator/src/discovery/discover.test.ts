import { describe, expect, test } from 'vitest'
import { MAX_DISCOVERY_BYTES, MAX_DISCOVERY_REQUESTS, MAX_REFERRERS } from '../limits.ts'
import type { AttachmentReader } from './discovery.ts'
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
    expect([complete, asked.length]).toEqual([true, 4])
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
    world.source.breakAt(image.digest, sourceFault('REGISTRY_UNAVAILABLE', true))
    const { artifacts, complete, problems } = await discover(image, world.source, signal)
    expect([artifacts.length, complete, problems]).toEqual([
      1,
      false,
      [`referrers of ${image.digest}: the registry is gone`],
    ])
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
    expect(artifacts[0]?.layers.filter(({ claims }) => claims)).toHaveLength(MAX_DISCOVERY_REQUESTS - 1)
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

test('finds a signature and a bundle made by two tools', async () => {
  const image = {
    reference: 'registry.local:5000/app:bundle-both',
    repository: 'registry.local:5000/app',
    tag: 'bundle-both',
  }
  const { artifacts } = await discover(image, createCorpusSource(), signal)
  expect(artifacts.map(({ kind }) => kind)).toEqual(['signature', 'bundle'])
})
