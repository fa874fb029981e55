import { CheckError } from '@verify-images/primitives'
import { makeKeyPair } from '@verify-images/testing/internal'
import fc from 'fast-check'
import type { Json } from '@verify-images/primitives'
import { describe, expect, test } from 'vitest'
import { annotationNames } from '../cosign/candidate.ts'
import { readCorpusBundle, replaceEachNode } from '../testing/corpus-bundle.ts'
import { createCorpusSource } from '../testing/corpus-source.ts'
import { createCosignWorld, repository, signed } from '../testing/cosign-world.ts'
import type { AttachmentReader, StoredAttachment } from './discovery.ts'
import { bundleReader } from './bundle-reader.ts'
import type { AttachmentClaims } from './claims.ts'
import { cosignAttestationReader, cosignSignatureReader } from './cosign-readers.ts'
import { claimDescriptions } from './describe-attachment.ts'
import { discover } from './discover.ts'

const { signal } = new AbortController()
const junk: readonly Json[] = [null, {}, [], '', 0, -1, 1e300, true, 'x', '====', [[[[]]]], [null], { digest: null }]

/** Returns an attachment of the corpus as its reader is given it. */
async function attachmentOf(tag: string, artifactType: string): Promise<StoredAttachment> {
  const found: StoredAttachment[] = []
  const keep: AttachmentReader = {
    artifactType,
    read: (attachment) => {
      found.push(attachment)
      throw new Error('kept')
    },
  }
  await discover({ reference: 'x', repository: 'registry.local:5000/app', tag }, createCorpusSource(), signal, {
    readers: [keep],
  })
  const [attachment] = found
  if (attachment === undefined) throw new Error(`nothing is attached to ${tag}`)
  return attachment
}

/** Claims that could be printed, or an error of ours. */
async function expectHandled(
  { read }: AttachmentReader,
  attachment: StoredAttachment,
): Promise<AttachmentClaims | undefined> {
  try {
    const claims = await read(attachment, claimDescriptions)
    expect(JSON.stringify(claims).length).toBeLessThan(100_000)
    for (const { code } of claims.unreadable) expect(code).toMatch(/^(?:ATTESTOR|CERTIFICATE)_[A-Z_]+$/)
    return claims
  } catch (error) {
    expect(error).toBeInstanceOf(CheckError)
    return undefined
  }
}

const splice = (length: number): fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> =>
  fc.record({ at: fc.nat(length), drop: fc.nat(4), insert: fc.uint8Array({ maxLength: 4 }) }).map(
    ({ at, drop, insert }) =>
      (bytes) =>
        Uint8Array.from(Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + drop)])),
  )

describe.each<readonly [string, AttachmentReader, string]>([
  ['a signature', cosignSignatureReader, 'keyless-tsa'],
  ['an attestation', cosignAttestationReader, 'keyless-attested-tsa'],
  ['a bundle', bundleReader, 'bundle-keyless'],
])('%s', (_, reader, tag) => {
  test('an attachment with any byte changed is read, or refused with a known error', async () => {
    const attachment = await attachmentOf(tag, reader.artifactType)
    await fc.assert(
      fc.asyncProperty(
        splice(attachment.bytes.length),
        async (change) => void (await expectHandled(reader, { ...attachment, bytes: change(attachment.bytes) })),
      ),
      { numRuns: 300 },
    )
  })

  test('an attachment with any node replaced is read, or refused with a known error', async () => {
    const attachment = await attachmentOf(tag, reader.artifactType)
    const document = JSON.parse(Buffer.from(attachment.bytes).toString()) as Json
    for (const changed of replaceEachNode(document, junk))
      await expectHandled(reader, { ...attachment, bytes: Buffer.from(JSON.stringify(changed.document)) })
  })
})

test('a malformed annotation hides no other annotation', async () => {
  const attachment = await attachmentOf('keyless-tsa', cosignSignatureReader.artifactType)
  const whole = await expectHandled(cosignSignatureReader, attachment)
  const part = {
    certificate: 'signer',
    chain: 'signer',
    logEntry: 'logEntries',
    timestamp: 'timestamps',
    signature: 'unreadable',
  } as const
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.entries(annotationNames)),
      fc.oneof(fc.string(), fc.json(), fc.base64String()),
      async ([name, annotation], text) => {
        const claims = await expectHandled(cosignSignatureReader, {
          ...attachment,
          annotations: new Map([...attachment.annotations, [annotation, text]]),
        })
        const { [part[name as keyof typeof part]]: _changed, unreadable: _unreadable, ...others } = claims ?? {}
        expect(whole).toMatchObject(others)
        expect(Object.keys(others).length).toBeGreaterThan(4)
      },
    ),
    { numRuns: 300 },
  )
})

test('an unreadable part of a bundle hides no other part', async () => {
  const { text, digest } = readCorpusBundle('bundle-keyless')
  const whole = JSON.parse(text) as { verificationMaterial: Record<string, Json> }
  const read = (verificationMaterial: Record<string, Json>): Promise<AttachmentClaims | undefined> =>
    expectHandled(bundleReader, {
      image: digest,
      mediaType: 'x',
      annotations: new Map(),
      position: 0,
      count: 1,
      bytes: Buffer.from(
        JSON.stringify({ ...whole, verificationMaterial: { ...whole.verificationMaterial, ...verificationMaterial } }),
      ),
    })
  const seen = { signer: { kind: 'certificate' }, logEntries: [{}], timestamps: [{}], subject: { isThisImage: true } }
  expect(await read({})).toMatchObject({ ...seen, unreadable: [] })
  const { signer: _, ...withoutSigner } = seen
  expect(await read({ certificate: { rawBytes: 'AAAA' } })).toMatchObject({
    ...withoutSigner,
    unreadable: [{ part: 'bundle' }, { part: 'certificate', code: 'CERTIFICATE_DER_INVALID' }],
  })
  expect(await read({ tlogEntries: [{}] })).toMatchObject({
    ...seen,
    logEntries: [],
    unreadable: [{ part: 'bundle' }, { part: 'log entry' }],
  })
  expect(
    await read({ timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: 'AAAA' }, 1] } }),
  ).toMatchObject({
    ...seen,
    timestamps: [],
    unreadable: [{}, { part: 'timestamp 1' }, { part: 'timestamp 2' }],
  })
})

test('describes a manifest with any node replaced', async () => {
  const world = createCosignWorld()
  const image = world.image('mutated')
  const key = makeKeyPair()
  const { bytes, annotations } = signed(key, image)
  const manifest: Json = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
    config: { mediaType: 'x' },
    subject: { digest: image.digest },
    layers: [{ mediaType: 'x', digest: world.source.putBlob(bytes).digest, size: bytes.length, annotations }],
  }
  for (const { document } of replaceEachNode(manifest, junk)) {
    const digest = world.source.putManifest(repository, `${image.digest.replace(':', '-')}.sig`, document)
    world.source.putReferrers(image.digest, [
      { mediaType: 'x', digest, size: 1, artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json' },
    ])
    const { artifacts } = await discover(image, world.source, signal)
    expect(artifacts.map(({ found }) => found.by)).toEqual(['tag', 'referrers'])
  }
})
