import { makeKeyPair } from '@verify-images/testing/internal'
import { summarize, type Summary } from '../testing/summarize.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Digest, digestOf, type VerificationMemo } from '@verify-images/primitives'
import { createAttestorEvaluator } from '../attestor-evaluator.ts'
import { attestorOptions } from '../attestor-options.ts'
import type { VerificationRun, VerifiedSignature } from '../signature-verifier.ts'
import {
  type CosignWorld,
  createCosignWorld,
  keyEntry,
  type Layer,
  repository,
  signed,
  simplePayload,
} from '../testing/cosign-world.ts'
import { OCI_MANIFEST, sourceFault } from '@verify-images/testing/internal'
import { createCosignVerifier } from './cosign-verifier.ts'
import type { CosignVerifierOptions } from './options.ts'

const key = makeKeyPair()
const other = makeKeyPair()
let world: CosignWorld
beforeAll(() => {
  world = createCosignWorld()
})

const verifier = createCosignVerifier()

async function verify(
  image: { readonly tag?: string; readonly digest?: Digest; readonly reference: string; readonly repository: string },
  entry = keyEntry(key),
  {
    options,
    run,
    verification = {},
  }: {
    readonly options?: CosignVerifierOptions
    readonly run?: Partial<VerificationRun>
    readonly verification?: object
  } = {},
): Promise<Summary<VerifiedSignature>> {
  const attestor = attestorOptions(
    { mutateDigest: true, verifyDigest: true, required: true, useCache: true, ...verification },
    entry,
    'signature',
  )
  return summarize(
    await (options ? createCosignVerifier(options) : verifier).verifySignature(
      { image, attestor, path: 'attestors[0].entries[0]' },
      world.run(run),
    ),
  )
}

function codes(outcome: Summary<unknown>): readonly string[] {
  return outcome.kind === 'accepted' ? [] : outcome.reasons.map(({ code }) => code)
}

describe('a signature by a key', () => {
  test('a signature by a key is accepted with the digest and the signer', async () => {
    const image = world.image('good')
    world.store(image, 'sig', [signed(key, image, { optional: { env: 'prod', run: 2 } })])
    const { digest: _, ...byTag } = image
    const outcome = await verify(byTag)
    expect(outcome).toMatchObject({
      kind: 'accepted',
      digest: image.digest,
      evidence: [
        {
          format: 'cosign-signature',
          signedDigest: image.digest,
          signer: { kind: 'key', algorithm: 'ecdsa-sha256' },
          times: [],
          annotations: { env: 'prod' },
        },
      ],
    })
  })

  test('a signature by a key costs a request each for tag, signatures and payload, and nothing more', async () => {
    const image = world.image('cost')
    world.store(image, 'sig', [signed(key, image)])
    world.source.asked.length = 0
    const { digest: _, ...byTag } = image
    await verify(byTag)
    expect(world.source.asked.map((line) => line.split(' ')[0])).toEqual(['manifest', 'manifest', 'blob'])
    world.source.asked.length = 0
    await verify(image)
    expect(world.source.asked).toHaveLength(2)
  })

  test('a signature by a key is found among others, and the reasons say why those were skipped', async () => {
    const image = world.image('crowd')
    world.store(image, 'sig', [signed(other, image), signed(key, image)])
    expect(await verify(image)).toMatchObject({ kind: 'accepted' })
    const refused = await verify(image, keyEntry(makeKeyPair()))
    expect(codes(refused)).toEqual(['ATTESTOR_SIGNATURE_INVALID', 'ATTESTOR_SIGNATURE_INVALID'])
    expect(refused).toMatchObject({
      kind: 'rejected',
      summary: 'verify-candidates(signature-invalid, signature-invalid)',
      reasons: [
        { candidate: expect.stringMatching(/^sha256:/), path: 'attestors[0].entries[0]', image: `${repository}:crowd` },
        {},
      ],
    })
  })

  test.each(['P-384', 'P-521', 'ed25519'] as const)('a signature by a key may be by a %s key', async (type) => {
    const pair = makeKeyPair(type)
    const image = world.image(`kind-${type}`)
    world.store(image, 'sig', [signed(pair, image)])
    const hash = { 'P-384': 'sha384', 'P-521': 'sha512', ed25519: 'sha256' }[type]
    const entry = keyEntry(pair)
    expect(await verify(image, { ...entry, keys: { ...entry.keys, signatureAlgorithm: hash } })).toMatchObject({
      kind: 'accepted',
    })
    if (type !== 'ed25519') expect(codes(await verify(image, entry))).toEqual(['ATTESTOR_SIGNATURE_INVALID'])
  })
})

describe('an image without a valid signature', () => {
  test('an image without signatures is reported as not signed', async () => {
    expect(await verify(world.image('unsigned'))).toMatchObject({
      kind: 'rejected',
      summary: 'no-signatures',
      reasons: [{ code: 'ATTESTOR_NO_SIGNATURE' }],
    })
    const empty = world.image('empty')
    world.store(empty, 'sig', [])
    expect(await verify(empty)).toMatchObject({ kind: 'rejected', summary: 'no-signatures' })
  })

  test('rejects a signature of another digest', async () => {
    const image = world.image('copied')
    world.store(image, 'sig', [signed(key, { digest: world.image('original').digest })])
    expect(codes(await verify(image))).toEqual(['ATTESTOR_PAYLOAD_MISMATCH'])
  })

  test.each([
    ['upper case', (digest: string) => digest.toUpperCase()],
    ['no algorithm', (digest: string) => digest.slice(7)],
    ['nothing', () => ''],
  ])('rejects a payload with a digest in another form: %s', async (_, form) => {
    const image = world.image('form')
    world.store(image, 'sig', [signed(key, image, { payload: simplePayload(form(image.digest)) })])
    expect(codes(await verify(image))).toEqual(['ATTESTOR_PAYLOAD_MISMATCH'])
  })

  test('rejects a payload that two readers could read in two ways', async () => {
    const image = world.image('twice')
    const text = Buffer.from(simplePayload(image.digest)).toString()
    const doubled = text.replace('{"critical"', '{"critical":{},"critical"')
    world.store(image, 'sig', [signed(key, image, { payload: Buffer.from(doubled) })])
    expect(codes(await verify(image))).toEqual(['ATTESTOR_PAYLOAD_INVALID'])
  })

  test.each([
    ['as cosign writes it', (text: string) => text, []],
    ['with line breaks', (text: string) => `${text.slice(0, 5)}\r\n${text.slice(5)}\n`, []],
    ['in the URL-safe alphabet', (text: string) => `-_-_${text}`, ['ATTESTOR_SIGNATURE_INVALID']],
    ['with a space', (text: string) => `${text.slice(0, 5)} ${text.slice(5)}`, ['ATTESTOR_SIGNATURE_INVALID']],
    ['with text behind its padding', (text: string) => `${text}====`, ['ATTESTOR_SIGNATURE_INVALID']],
    ['without its last quartet', (text: string) => text.slice(0, -4), ['ATTESTOR_SIGNATURE_INVALID']],
  ] as const)('a signature whose base64 Go does not read: %s', async (_, spell, expected) => {
    const image = world.image('spelling')
    const layer = signed(key, image)
    const spelled = spell(layer.annotations['dev.cosignproject.cosign/signature'] ?? '')
    world.store(image, 'sig', [{ ...layer, annotations: { 'dev.cosignproject.cosign/signature': spelled } }])
    expect(codes(await verify(image))).toEqual(expected)
  })
})

describe('annotations', () => {
  test('annotations count when they were signed', async () => {
    const image = world.image('annotated')
    world.store(image, 'sig', [signed(key, image, { optional: { env: 'prod' } })])
    expect(await verify(image, keyEntry(key, { annotations: { env: 'prod' } }))).toMatchObject({ kind: 'accepted' })
    expect(codes(await verify(image, keyEntry(key, { annotations: { env: 'dev' } })))).toEqual([
      'ATTESTOR_ANNOTATION_MISMATCH',
    ])
    expect(codes(await verify(image, keyEntry(key, { annotations: { toString: '' } })))).toEqual([
      'ATTESTOR_ANNOTATION_MISMATCH',
    ])
  })

  test('annotations do not count when the registry says them', async () => {
    const image = world.image('unsigned-annotation')
    world.store(image, 'sig', [signed(key, image, { optional: { env: 'dev' }, annotations: { env: 'prod' } })])
    expect(codes(await verify(image, keyEntry(key, { annotations: { env: 'prod' } })))).toEqual([
      'ATTESTOR_ANNOTATION_MISMATCH',
    ])
  })
})

describe('the signature manifest', () => {
  test.each([
    ['an index', { manifests: [] }, OCI_MANIFEST],
    [
      'another media type than the registry says',
      { mediaType: 'application/vnd.oci.image.index.v1+json' },
      OCI_MANIFEST,
    ],
    ['a media type of its own', {}, 'application/json'],
    ['a negative size', { layers: [{ mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: -1 }] }, OCI_MANIFEST],
    [
      'a fraction for a size',
      { layers: [{ mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1.5 }] },
      OCI_MANIFEST,
    ],
    ['no digest', { layers: [{ mediaType: 'x', digest: 'sha256:0', size: 1 }] }, OCI_MANIFEST],
    [
      'an annotation that is not a string',
      { layers: [{ mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1, annotations: { a: 1 } }] },
      OCI_MANIFEST,
    ],
  ])('the signature manifest is refused as %s', async (_, changes, mediaType) => {
    const image = world.image('manifest')
    world.source.putManifest(
      repository,
      `${image.digest.replace(':', '-')}.sig`,
      { schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [], ...changes },
      mediaType,
    )
    expect(codes(await verify(image))).toEqual(['ATTESTOR_PAYLOAD_INVALID'])
  })

  test('the signature manifest may list a thousand signatures and no more', async () => {
    const image = world.image('flood')
    const layer = { ...world.source.putBlob(Buffer.from('x')), annotations: {} }
    const put = (count: number): Digest =>
      world.source.putManifest(repository, `${image.digest.replace(':', '-')}.sig`, {
        layers: Array.from({ length: count }, () => layer),
      })
    put(1001)
    expect(codes(await verify(image))).toEqual(['ATTESTOR_LIMIT_EXCEEDED'])
    put(1000)
    expect(codes(await verify(image))).toHaveLength(1000)
  })

  test('the signature manifest may not announce more bytes than are read', async () => {
    const image = world.image('huge')
    const layers = (size: number, count: number): Digest =>
      world.source.putManifest(repository, `${image.digest.replace(':', '-')}.sig`, {
        layers: Array.from({ length: count }, () => ({ mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size })),
      })
    layers(129 * 1024 * 1024, 1)
    world.source.asked.length = 0
    expect(codes(await verify(image))).toEqual(['ATTESTOR_LIMIT_EXCEEDED'])
    layers(120 * 1024 * 1024, 5)
    expect(codes(await verify(image))).toEqual(['ATTESTOR_LIMIT_EXCEEDED'])
    expect(world.source.asked.some((line) => line.startsWith('blob'))).toBe(false)
  })
})

describe('a source that cannot be read', () => {
  test('a source that cannot be read is inconclusive, and reports a network fault only for one', async () => {
    const image = world.image('broken')
    const tag = `${image.digest.replace(':', '-')}.sig`
    world.source.breakAt(tag, sourceFault('REGISTRY_UNAVAILABLE', true))
    expect(await verify(image)).toMatchObject({
      kind: 'inconclusive',
      failure: { detail: { kind: 'registry-transport' } },
      summary: 'registry-transport',
      reasons: [{ code: 'REGISTRY_UNAVAILABLE' }],
    })
    world.source.breakAt(tag, sourceFault('REGISTRY_UNAUTHORIZED', false))
    expect(await verify(image)).toMatchObject({ kind: 'inconclusive' })
  })

  test('a payload that cannot be read does not hide another', async () => {
    const image = world.image('one-payload-gone')
    const gone = signed(other, image, { optional: { gone: 'yes' } })
    world.store(image, 'sig', [gone, signed(key, image)])
    world.source.breakAt(world.source.putBlob(gone.bytes).digest, sourceFault('REGISTRY_UNAVAILABLE', true))
    expect(await verify(image)).toMatchObject({ kind: 'accepted' })
    expect(await verify(image, keyEntry(makeKeyPair()))).toMatchObject({ kind: 'inconclusive' })
  })

  test('reports a tag that does not exist', async () => {
    expect(await verify({ reference: `${repository}:nosuch`, repository, tag: 'nosuch' })).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_IMAGE_NOT_FOUND' }],
      summary: 'resolve-image(registry-answer)',
    })
  })

  test('an aborted read ends with the reason of the signal', async () => {
    const reason = new Error('enough')
    await expect(
      verify(world.image('aborted'), keyEntry(key), {
        run: {
          signal: AbortSignal.abort(reason),
          source: {
            ...world.source,
            fetchManifest: () => Promise.reject(reason),
          },
        },
      }),
    ).rejects.toBe(reason)
  })
})

describe('where signatures are looked for', () => {
  test('signatures are looked for in the repository that the policy names', async () => {
    const image = world.image('elsewhere')
    const layer = signed(key, image)
    world.source.putManifest('registry.test/signatures', `${image.digest.replace(':', '-')}.sig`, {
      layers: [{ ...world.source.putBlob(layer.bytes), annotations: layer.annotations }],
    })
    expect(await verify(image)).toMatchObject({ kind: 'rejected' })
    expect(await verify(image, keyEntry(key, { repository: 'registry.test/signatures' }))).toMatchObject({
      kind: 'accepted',
    })
    expect(
      await verify(image, keyEntry(key), { verification: { repository: 'registry.test/signatures' } }),
    ).toMatchObject({ kind: 'accepted' })
  })

  test('a policy that asks for referrers looks at the newest one, then at the tag', async () => {
    const image = world.image('referrers')
    const store = (signer: typeof key): { readonly digest: Digest } => {
      const layer = signed(signer, image)
      return {
        digest: world.source.putManifest(repository, undefined, {
          layers: [{ ...world.source.putBlob(layer.bytes), annotations: layer.annotations }],
        }),
      }
    }
    const artifactType = 'application/vnd.dev.cosign.artifact.sig.v1+json'
    const describeReferrer = ({
      digest,
    }: {
      readonly digest: Digest
    }): { mediaType: string; digest: Digest; size: number; artifactType: string } => ({
      mediaType: OCI_MANIFEST,
      digest,
      size: 1,
      artifactType,
    })
    const [good, bad] = [describeReferrer(store(key)), describeReferrer(store(other))]
    world.source.putReferrers(image.digest, [bad, good])
    expect(await verify(image, keyEntry(key), { verification: { cosignOCI11: true } })).toMatchObject({
      kind: 'accepted',
    })
    expect(await verify(image)).toMatchObject({ kind: 'rejected' })
    world.source.putReferrers(image.digest, [good, bad])
    expect(await verify(image, keyEntry(key), { verification: { cosignOCI11: true } })).toMatchObject({
      kind: 'rejected',
    })
    world.store(image, 'sig', [signed(key, image)])
    expect(await verify(image, keyEntry(key), { verification: { cosignOCI11: true } })).toMatchObject({
      kind: 'accepted',
    })
  })

  describe('with `cosignOCI11`, when the referrers cannot be read', () => {
    const verification = { cosignOCI11: true }
    const artifactType = 'application/vnd.dev.cosign.artifact.sig.v1+json'
    const fail = (): Promise<never> => Promise.reject(sourceFault('REGISTRY_UNAVAILABLE', true, 'answered 503'))

    test('is inconclusive, not "not signed", when the listing fails', async () => {
      const image = world.image('referrers-unlisted')
      const run = { source: { ...world.source, listReferrers: fail } }
      const outcome = await verify(image, keyEntry(key), { verification, run })
      expect([outcome.kind, codes(outcome)]).toEqual(['inconclusive', ['REGISTRY_UNAVAILABLE']])
      // The control: without a fault the image is not signed.
      expect(await verify(image, keyEntry(key), { verification })).toMatchObject({ kind: 'rejected' })
    })

    test('is inconclusive when the listing is incomplete or the newest referrer is missing', async () => {
      const image = world.image('referrers-incomplete')
      const descriptors = [{ mediaType: OCI_MANIFEST, digest: digestOf(Buffer.from('gone')), size: 1, artifactType }]
      for (const listing of [
        { descriptors: [], complete: false, source: 'api' as const },
        { descriptors, complete: true, source: 'api' as const },
      ]) {
        const run = { source: { ...world.source, listReferrers: () => Promise.resolve(listing) } }
        const outcome = await verify(image, keyEntry(key), { verification, run })
        expect([outcome.kind, codes(outcome)]).toEqual(['inconclusive', ['ATTESTOR_SOURCE_UNAVAILABLE']])
      }
    })

    test('is inconclusive when the tag has only the signature of another key', async () => {
      const image = world.image('referrers-unlisted-tag')
      world.store(image, 'sig', [signed(other, image)])
      const run = { source: { ...world.source, listReferrers: fail } }
      const outcome = await verify(image, keyEntry(key), { verification, run })
      expect([outcome.kind, codes(outcome)]).toEqual([
        'inconclusive',
        ['ATTESTOR_SIGNATURE_INVALID', 'REGISTRY_UNAVAILABLE'],
      ])
    })

    test('is accepted when the tag has a valid signature', async () => {
      const image = world.image('referrers-unlisted-signed')
      world.store(image, 'sig', [signed(key, image)])
      const run = { source: { ...world.source, listReferrers: fail } }
      expect(await verify(image, keyEntry(key), { verification, run })).toMatchObject({ kind: 'accepted' })
    })

    test('is inconclusive when the blob of a referrer cannot be fetched and the tag has another signature', async () => {
      const image = world.image('referrers-blob')
      const layer = signed(key, image)
      const blob = world.source.putBlob(layer.bytes)
      const digest = world.source.putManifest(repository, undefined, {
        layers: [{ ...blob, annotations: layer.annotations }],
      })
      world.source.putReferrers(image.digest, [{ mediaType: OCI_MANIFEST, digest, size: 1, artifactType }])
      world.store(image, 'sig', [signed(other, image)])
      const run: Partial<VerificationRun> = {
        source: {
          ...world.source,
          fetchBlob: (name, descriptor, maxBytes, signal) =>
            descriptor.digest === blob.digest ? fail() : world.source.fetchBlob(name, descriptor, maxBytes, signal),
        },
      }
      expect(await verify(image, keyEntry(key), { verification, run })).toMatchObject({ kind: 'inconclusive' })
      expect(await verify(image, keyEntry(key), { verification })).toMatchObject({ kind: 'accepted' })
    })
  })

  test.each([
    ['another type', 'vulnerability report'],
    ['the type of an OpenPGP signature', 'atomic container signature'],
    ['the type in another case', 'Cosign container image signature'],
    ['no type', undefined],
  ])('rejects a payload of %s, unless any signed payload is accepted', async (what, type) => {
    const image = world.image(`typed-${what.replaceAll(' ', '-').toLowerCase()}`)
    const payload = (critical: object): Uint8Array =>
      Buffer.from(
        JSON.stringify({
          critical: { image: { 'docker-manifest-digest': image.digest }, ...critical },
          optional: null,
        }),
      )
    world.store(image, 'sig', [signed(key, image, { payload: payload(type === undefined ? {} : { type }) })])
    expect(await verify(image)).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_PAYLOAD_INVALID', difference: 'sig-payload-type' }],
    })
    expect(await verify(image, keyEntry(key), { options: { acceptAnySignedPayload: true } })).toMatchObject({
      kind: 'accepted',
    })
    const control = payload({ type: 'cosign container image signature' })
    world.store(image, 'sig', [signed(key, image, { payload: control })])
    expect(await verify(image)).toMatchObject({ kind: 'accepted' })
  })

  test('a signature may be bound to the repository that was signed', async () => {
    const image = world.image('moved')
    world.store(image, 'sig', [
      signed(key, image, { payload: simplePayload(image.digest, null, 'registry.test/original:1') }),
    ])
    expect(await verify(image)).toMatchObject({ kind: 'accepted' })
    expect(await verify(image, keyEntry(key), { options: { requireSignedRepository: true } })).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_PAYLOAD_MISMATCH', difference: 'S26' }],
    })
    world.store(image, 'sig', [
      signed(key, image, { payload: simplePayload(image.digest, null, `${repository}:moved@sha256:x`) }),
    ])
    expect(await verify(image, keyEntry(key), { options: { requireSignedRepository: true } })).toMatchObject({
      kind: 'accepted',
    })
  })
})

test('reads what an attestor trusts, and verifies each signature, once in a run', async () => {
  const image = world.image('memo')
  world.store(image, 'sig', [signed(key, image)])
  const run = world.run()
  const made: string[] = []
  const note = (name: string): void => void made.push(name.split(' ', 1)[0] ?? '')
  const memo: VerificationMemo = {
    once: (name, make) =>
      run.memo.once(name, () => {
        note(name)
        return make()
      }),
    always: (name, bytes, make) =>
      run.memo.always(name, bytes, () => {
        note(name)
        return make()
      }),
  }
  for (let i = 0; i < 3; i++)
    expect(await verify(image, keyEntry(key), { run: { memo } })).toMatchObject({ kind: 'accepted' })
  expect(made).toEqual(['attestor', expect.any(String)])
})

describe('two of two keys', () => {
  const verifyBoth = async (
    layers: (image: { readonly digest: string }) => readonly Layer[],
  ): Promise<readonly string[]> => {
    const image = world.image('both')
    world.store(image, 'sig', layers(image))
    const evaluator = createAttestorEvaluator({ verifiers: [verifier] })
    const attestors = [{ count: 2, entries: [keyEntry(key), keyEntry(other), keyEntry(key)] }]
    const verification = { attestors, mutateDigest: true, verifyDigest: true, required: true, useCache: true }
    return codes(summarize(await evaluator.verifySignatures(verification, image, world.run())))
  }

  test('two of two keys are two signers', async () => {
    expect(await verifyBoth((image) => [signed(key, image), signed(other, image)])).toEqual([])
  })

  test('two of two keys are not one signature in two encodings', async () => {
    const twice = (image: { readonly digest: string }): readonly Layer[] => {
      const layer = signed(key, image)
      const name = 'dev.cosignproject.cosign/signature'
      return [layer, { ...layer, annotations: { [name]: `${layer.annotations[name] ?? ''}\n` } }]
    }
    expect(await verifyBoth(twice)).toContain('ATTESTOR_DUPLICATE_SIGNER')
  })
})
