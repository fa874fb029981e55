import { expect, test } from 'vitest'
import { readCorpusBundle } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { parseTrustedRoot } from './trusted-root.ts'
import { verifyTimestampAnnotation, verifyTimestamp } from './timestamp-authority.ts'
import { testWork } from '@verify-images/testing/internal'

interface TimestampedBundle {
  readonly dsseEnvelope: { readonly payload: string; readonly signatures: readonly [{ readonly sig: string }] }
  readonly verificationMaterial: {
    readonly timestampVerificationData: { readonly rfc3161Timestamps: readonly [{ readonly signedTimestamp: string }] }
  }
}

const { dsseEnvelope, verificationMaterial } = JSON.parse(readCorpusBundle('bundle-keyless').text) as TimestampedBundle
const encoded = verificationMaterial.timestampVerificationData.rfc3161Timestamps[0].signedTimestamp
const token = Buffer.from(encoded, 'base64')
const signature = Buffer.from(dsseEnvelope.signatures[0].sig, 'base64')
const authoritiesOf = (root: string): ReturnType<typeof parseTrustedRoot>['timestampAuthorities'] =>
  parseTrustedRoot(readCorpusText(`registry/trust/${root}`)).timestampAuthorities
const [authority] = authoritiesOf('sigstore-1/trusted_root.json')
const [foreign] = authoritiesOf('sigstore-2/trusted_root.json')
if (authority === undefined || foreign === undefined) throw new Error('both roots have an authority')
const work = testWork()
const at = new Date('2026-01-15T10:00:30Z')
const invalid = expect.objectContaining({ code: 'ATTESTOR_TIMESTAMP_INVALID' })

test('returns the time of a token over the signature, from the raw token and from the annotation', async () => {
  expect(await verifyTimestamp(token, signature, [foreign, authority], work)).toEqual({
    time: at,
    authority: authority.uri,
  })
  expect(
    (await verifyTimestampAnnotation(JSON.stringify({ SignedRFC3161Timestamp: encoded }), signature, [authority], work))
      .time,
  ).toEqual(at)
})

test('rejects a timestamp over other bytes', async () => {
  for (const timestamped of [
    Buffer.from(dsseEnvelope.payload, 'base64'),
    Buffer.from(dsseEnvelope.signatures[0].sig),
    Buffer.alloc(0),
  ]) {
    await expect(verifyTimestamp(token, timestamped, [authority], work)).rejects.toThrow(invalid)
  }
})

test('rejects a timestamp outside the validity of its own authority, for any validity of others', async () => {
  expect(
    (await verifyTimestamp(token, signature, [{ ...authority, validFrom: at, validUntil: at }], work)).time,
  ).toEqual(at)
  const retired = { ...authority, validUntil: new Date(at.getTime() - 1) }
  const later = { ...authority, validFrom: new Date(at.getTime() + 1) }
  const wideAndEmpty = { uri: 'wide', roots: [], intermediates: [] }
  for (const authorities of [
    [retired, foreign],
    [later, foreign],
    [retired, wideAndEmpty],
    [wideAndEmpty],
    [foreign],
    [],
  ]) {
    await expect(verifyTimestamp(token, signature, authorities, work)).rejects.toThrow(invalid)
  }
})

test.each([
  ['garbage', 'x'],
  ['another member', '{"signedRFC3161Timestamp":""}'],
  ['not base64', '{"SignedRFC3161Timestamp":"-_"}'],
  ['an inherited member', '{"__proto__":{"SignedRFC3161Timestamp":"AAAA"}}'],
  ['null', 'null'],
  ['half a token', JSON.stringify({ SignedRFC3161Timestamp: token.subarray(0, 900).toString('base64') })],
  ['a megabyte', JSON.stringify({ SignedRFC3161Timestamp: 'A'.repeat(2 ** 20) })],
])('rejects an annotation that is %s', async (_name, annotation) => {
  await expect(verifyTimestampAnnotation(annotation, signature, [authority], work)).rejects.toThrow(invalid)
})
