import { CheckError } from '@verify-images/primitives'
import { type Certificate, parseCertificate, parseCertificates, parsePublicKey } from '@verify-images/x509'
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { readCorpusBundle } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { verifyScts } from './verify-sct.ts'
import { precertificate } from './precertificate.ts'
import type { LogKey } from './trust-material.ts'

const OID = '1.3.6.1.4.1.11129.2.4.2'
const ctKey = parsePublicKey(readCorpusText('registry/trust/sigstore-1/ctlog.pub'))
const log: LogKey = { logId: ctKey.fingerprint, key: ctKey, window: {} }
const privateKey = createPrivateKey(readCorpusText('registry/keys/sigstore-1/ctlog.pkcs8.pem'))
const issuer = parseCertificate(readCorpusText('registry/trust/sigstore-1/fulcio-intermediate.pem'))
const { verificationMaterial } = JSON.parse(readCorpusBundle('bundle-keyless').text) as {
  verificationMaterial: { certificate: { rawBytes: string } }
}
const leaf = parseCertificate(Buffer.from(verificationMaterial.certificate.rawBytes, 'base64'))
const time = 1_768_471_200_000n

interface Stamp {
  readonly logId?: string
  readonly time?: bigint
  readonly version?: number
  readonly hash?: number
  readonly kind?: number
  readonly extensions?: Buffer
  readonly issuer?: Certificate
  readonly tail?: Buffer
}

function stamp({
  logId = log.logId,
  time: at = time,
  version = 0,
  hash = 4,
  kind = 3,
  extensions = Buffer.alloc(0),
  issuer: by = issuer,
  tail = Buffer.alloc(0),
}: Stamp = {}): Buffer {
  const seconds = Buffer.alloc(8)
  seconds.writeBigUInt64BE(at)
  const tbs = precertificate(leaf.tbs)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(tbs.length)
  const signed = Buffer.concat([
    Buffer.from([0, 0]),
    seconds,
    Buffer.from([0, 1]),
    createHash('sha256').update(by.publicKey.spki).digest(),
    length.subarray(1),
    tbs,
    vector(extensions),
  ])
  return Buffer.concat([
    Buffer.from([version]),
    Buffer.from(logId, 'hex'),
    seconds,
    vector(extensions),
    Buffer.from([hash, kind]),
    vector(sign('sha256', signed, privateKey)),
    tail,
  ])
}

function vector(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([content.length >> 8, content.length & 0xff]), content])
}

/** The leaf with another list of timestamps: what the logs signed leaves the list out, so nothing else changes. */
function withList(list: Buffer): Certificate {
  const header =
    list.length < 128
      ? [0x04, list.length]
      : list.length < 256
        ? [0x04, 0x81, list.length]
        : [0x04, 0x82, list.length >> 8, list.length & 0xff]
  const extension = { oid: OID, critical: false, value: Buffer.concat([Buffer.from(header), list]) }
  return { ...leaf, extensions: new Map([...leaf.extensions, [OID, extension]]) }
}

const withStamps = (...stamps: readonly Buffer[]): Certificate => withList(vector(Buffer.concat(stamps.map(vector))))

test('accepts a certificate as it was issued, and SCT lists made here', () => {
  expect(verifyScts(leaf, issuer, [log])).toBeUndefined()
  expect(verifyScts(withStamps(stamp()), issuer, [log])).toBeUndefined()
  expect(verifyScts(withStamps(stamp({ extensions: Buffer.from('x') })), issuer, [log])).toBeUndefined()
})

test("accepts an SCT at both ends of the log's validity window, and none outside", () => {
  const at = new Date(Number(time))
  expect(verifyScts(leaf, issuer, [{ ...log, window: { start: at, end: at } }])).toBeUndefined()
  for (const window of [{ end: new Date(at.getTime() - 1) }, { start: new Date(at.getTime() + 1) }]) {
    expect(() => verifyScts(leaf, issuer, [{ ...log, window }])).toThrow(CheckError)
  }
})

test('ignores an SCT of an unknown log beside a valid one', () => {
  expect(verifyScts(withStamps(stamp({ logId: '00'.repeat(32) }), stamp()), issuer, [log])).toBeUndefined()
})

test('counts distinct logs: not SCTs, and not ids of one key', () => {
  const twin: LogKey = { ...log, logId: '11'.repeat(32) }
  expect(() => verifyScts(withStamps(stamp(), stamp({ time: time + 1n })), issuer, [log], 2)).toThrow(CheckError)
  expect(() => verifyScts(withStamps(stamp(), stamp({ logId: twin.logId })), issuer, [log, twin], 2)).toThrow(
    CheckError,
  )
})

const root = parseCertificates(readCorpusText('registry/trust/sigstore-1/fulcio-root.pem'))[0]
const { [OID]: _list, ...others } = Object.fromEntries(leaf.extensions)

const refused: readonly (readonly [string, Certificate, Certificate?])[] = [
  ['no SCT list', { ...leaf, extensions: new Map(Object.entries(others)) }],
  ['an empty SCT list', withStamps()],
  ['an SCT of an unknown log', withStamps(stamp({ logId: '00'.repeat(32) }))],
  ['an SCT for the certificate under another issuer', withStamps(stamp({ issuer: root }))],
  ['another issuer than the one in the SCT', leaf, root],
  ['an SCT of another certificate', { ...withStamps(stamp()), tbs: root.tbs }],
  ['an SCT of another version', withStamps(stamp({ version: 1 }))],
  ['an SCT with another hash algorithm', withStamps(stamp({ hash: 2 }))],
  ['an SCT with another kind of signature', withStamps(stamp({ kind: 1 }))],
  ['an SCT with a time beyond what Date can hold', withStamps(stamp({ time: 2n ** 64n - 1n }))],
  ['bytes behind an SCT', withStamps(stamp({ tail: Buffer.from([0]) }))],
  ['an SCT list with too large a length', withList(Buffer.concat([Buffer.from([0xff, 0xff]), vector(stamp())]))],
  ['an SCT list with trailing bytes', withList(Buffer.concat([vector(vector(stamp())), Buffer.from([0])]))],
  ['an SCT extension that is not DER', withList(Buffer.from('an SCT extension that is not DER'))],
  ['seventeen SCTs', withStamps(...Array.from({ length: 17 }, () => stamp()))],
]

test.each(refused.map(([name, certificate, by = issuer]) => [name, certificate, by] as const))(
  'rejects %s',
  (_name, certificate, by) => {
    expect(() => verifyScts(certificate, by, [log])).toThrow(expect.objectContaining({ code: 'ATTESTOR_SCT_INVALID' }))
  },
)
