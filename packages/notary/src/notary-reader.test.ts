import { claimDescriptions, discover } from '@verify-images/attestor-evaluator'
import type { AttachmentClaims, StoredAttachment } from '@verify-images/attestor-evaluator'
import { CheckError } from '@verify-images/primitives'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNotaryReader } from './notary-reader.ts'
import { imageOf, startCorpusWorld } from './testing/corpus-world.ts'
import type { CorpusWorld } from './testing/corpus-world.ts'

let world: CorpusWorld
beforeAll(async () => {
  world = await startCorpusWorld()
})
afterAll(() => world.close())

const reader = createNotaryReader()
const readClaims = (attachment: StoredAttachment): ReturnType<typeof reader.read> =>
  reader.read(attachment, claimDescriptions)

/** Returns the signature of a corpus image as the reader gets it. */
async function attachmentOf(tag: string): Promise<StoredAttachment> {
  const found: StoredAttachment[] = []
  const keeper = {
    ...reader,
    read: (attachment: StoredAttachment) => {
      found.push(attachment)
      return readClaims(attachment)
    },
  }
  await discover(imageOf(`registry.local:5000/app:${tag}`), world.source(), AbortSignal.timeout(5000), {
    readers: [keeper],
  })
  const [attachment] = found
  if (attachment === undefined) throw new Error(`${tag} has no signature`)
  return attachment
}

describe('claims of notation signatures', () => {
  test.each<readonly [string, object]>([
    [
      'notation-jws',
      {
        format: 'notary-jws',
        payloadType: 'application/vnd.cncf.notary.payload.v1+json',
        signingScheme: 'notary.x509',
        signingTime: expect.stringMatching(/^2026-/),
        subject: { isThisImage: true, count: 1 },
        signer: {
          kind: 'certificate',
          certificate: { subject: expect.stringContaining('CN=') },
          issuers: [expect.anything()],
        },
        annotations: {},
        logEntries: [],
        timestamps: [],
        unreadable: [],
      },
    ],
    [
      'notation-cose',
      { format: 'notary-cose', signingScheme: 'notary.x509', subject: { isThisImage: true }, unreadable: [] },
    ],
    ['notation-cose-ec', { format: 'notary-cose', unreadable: [] }],
    ['notation-metadata', { annotations: { env: 'prod', team: 'core' } }],
    ['notation-expired', { expiry: expect.stringMatching(/^2026-11-23/) }],
    ['notation-cert-expired', { signer: { certificate: { notAfter: expect.stringMatching(/^2026-11-23/) } } }],
    ['notation-timestamped', { timestamps: [{ at: expect.stringMatching(/^2026-11-2/) }] }],
    ['notation-copied', { subject: { isThisImage: false } }],
    // The signature does not hold, and what it claims is shown: nothing here is verified.
    ['notation-tampered', { subject: { isThisImage: true }, unreadable: [] }],
  ])('%s', async (tag, expected) => {
    expect(await readClaims(await attachmentOf(tag))).toMatchObject(expected)
  })

  test('discover finds it among all attachments', async () => {
    const { artifacts } = await discover(
      imageOf('registry.local:5000/app:notation-and-cosign'),
      world.source(),
      AbortSignal.timeout(5000),
      { readers: [reader] },
    )
    expect(artifacts.map(({ layers }) => layers[0]?.claims?.format)).toEqual(['cosign-signature', 'notary-jws'])
  })
})

describe('an unreadable part', () => {
  test.each<readonly [string, (document: Record<string, unknown>) => object, string, string]>([
    ['certificates', (jws) => ({ ...jws, header: { x5c: ['AAAA'] } }), 'certificates', 'signer'],
    ['attributes', (jws) => ({ ...jws, protected: 'e30' }), 'attributes', 'signingTime'],
    ['a payload', (jws) => ({ ...jws, payload: 'AAAA' }), 'payload', 'subject'],
    [
      'a target',
      (jws) => ({ ...jws, payload: Buffer.from('{"targetArtifact":{"annotations":{"a":"b"}}}').toString('base64url') }),
      'target',
      'subject',
    ],
  ])('%s is listed, and hides no other part', async (_, change, part, missing) => {
    const attachment = await attachmentOf('notation-jws')
    const whole = await readClaims(attachment)
    const bytes = Buffer.from(
      JSON.stringify(change(JSON.parse(Buffer.from(attachment.bytes).toString()) as Record<string, unknown>)),
    )
    const claims = await readClaims({ ...attachment, bytes })
    expect(claims.unreadable.map((each) => each.part)).toEqual([part])
    expect(claims).not.toHaveProperty(missing)
    for (const kept of ['signer', 'signingTime', 'subject'].filter((name) => name !== missing))
      expect(claims).toHaveProperty(kept, Reflect.get(whole, kept))
  })

  test.each<readonly [string, Partial<StoredAttachment>]>([
    ['an envelope of another type', { mediaType: 'application/json' }],
    ['one of two layers', { count: 2 }],
    ['bytes that are not an envelope', { bytes: Buffer.from('{}') }],
  ])('rejects %s', async (_, change) => {
    const attachment = await attachmentOf('notation-jws')
    expect(() => readClaims({ ...attachment, ...change })).toThrow(
      expect.objectContaining({ code: 'ATTESTOR_SIGNATURE_INVALID' }),
    )
  })

  test.each(['notation-jws', 'notation-cose', 'notation-timestamped'])(
    '%s with any byte changed is described, or rejected with a CheckError',
    async (tag) => {
      const attachment = await attachmentOf(tag)
      const { length } = attachment.bytes
      await fc.assert(
        fc.asyncProperty(
          fc.record({ at: fc.nat(length), drop: fc.nat(4), insert: fc.uint8Array({ maxLength: 4 }) }),
          async ({ at, drop, insert }) => {
            const bytes = Uint8Array.from(
              Buffer.concat([attachment.bytes.subarray(0, at), insert, attachment.bytes.subarray(at + drop)]),
            )
            const claims = await readOrRefuse({ ...attachment, bytes })
            for (const { code } of claims?.unreadable ?? []) expect(code).toMatch(/^(?:ATTESTOR|CERTIFICATE)_[A-Z_]+$/)
          },
        ),
        { numRuns: 300 },
      )
    },
  )
})

async function readOrRefuse(attachment: StoredAttachment): Promise<AttachmentClaims | undefined> {
  try {
    return await readClaims(attachment)
  } catch (error) {
    expect(error).toBeInstanceOf(CheckError)
    return undefined
  }
}
