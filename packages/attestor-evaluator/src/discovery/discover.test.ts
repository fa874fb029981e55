import { describe, expect, it } from 'vitest'
import { discover } from './discover.ts'
import { createCorpusSource } from '../testing/corpus-source.ts'
import { createCosignWorld, attested, repository, signed } from '../testing/cosign-world.ts'
import { sourceFault } from '../testing/memory-source.ts'
import { makeKeyPair } from '@verify-images/x509/testing'

const { signal } = new AbortController()
const key = makeKeyPair()

describe('what is stored beside an image', () => {
  it('is found in every form', async () => {
    const world = createCosignWorld()
    const image = world.image('all')
    world.store(image, 'sig', [signed(key, image), signed(key, image, { optional: { n: 2 } })])
    const attestation = attested([key], image)
    world.store(image, 'att', [{ ...attestation, annotations: { predicateType: 'https://example.com/scan/v1' } }])
    const referrer = (artifactType: string): { mediaType: string; digest: `sha256:${string}`; size: number; artifactType: string } => ({ mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1, artifactType })
    world.source.putReferrers(image.digest, [referrer('application/vnd.dev.sigstore.bundle.v0.3+json'), referrer('application/vnd.cncf.notary.signature'), referrer('sbom/x')])

    const { artifacts, complete, asked } = await discover(image, world.source, signal)
    expect(artifacts.map(({ kind, found, layers }) => [kind, found.by, layers.length])).toEqual([
      ['signature', 'tag', 2], ['attestation', 'tag', 1], ['bundle', 'referrers', 0], ['notary-signature', 'referrers', 0], ['other', 'referrers', 0],
    ])
    expect(artifacts[1]?.layers[0]?.claims).toMatchObject({ format: 'cosign-attestation', predicateType: 'https://example.com/scan/v1' })
    expect([complete, asked.length]).toEqual([true, 4])
  })

  it('is nothing, and known to be nothing', async () => {
    const world = createCosignWorld()
    expect(await discover(world.image('bare'), world.source, signal)).toMatchObject({ artifacts: [], complete: true, problems: [] })
  })

  it('is unknown where the registry could not be asked', async () => {
    const world = createCosignWorld()
    const image = world.image('dark')
    world.store(image, 'sig', [signed(key, image)])
    world.source.breakAt(image.digest, sourceFault('REGISTRY_UNAVAILABLE', true))
    const { artifacts, complete, problems } = await discover(image, world.source, signal)
    expect([artifacts.length, complete, problems]).toEqual([1, false, [`referrers of ${image.digest}: the registry is gone`]])
  })

  it('may be unreadable, which hides nothing else', async () => {
    const world = createCosignWorld()
    const image = world.image('odd')
    world.source.putManifest(repository, `${image.digest.replace(':', '-')}.sig`, Buffer.from('{'))
    expect(await discover(image, world.source, signal)).toMatchObject({ complete: true, artifacts: [{ kind: 'signature', layers: [], problems: ['the signature manifest is not JSON'] }] })
  })

  it('is not asked of an image that is not there', async () => {
    await expect(discover({ reference: 'x', repository, tag: 'nosuch' }, createCosignWorld().source, signal)).rejects.toMatchObject({ code: 'ATTESTOR_IMAGE_NOT_FOUND' })
  })
})

it('sees a signature and a bundle that two tools have made', async () => {
  const image = { reference: 'registry.local:5000/app:bundle-both', repository: 'registry.local:5000/app', tag: 'bundle-both' }
  const { artifacts } = await discover(image, createCorpusSource(), signal)
  expect(artifacts.map(({ kind }) => kind)).toEqual(['signature', 'bundle'])
})
