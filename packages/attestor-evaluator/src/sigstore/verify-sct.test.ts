import { CheckError } from '@verify-images/primitives'
import { type Certificate, parseCertificate, parseCertificates, parsePublicKey } from '@verify-images/x509'
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { readCorpusBundle } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { verifyScts } from './verify-sct.ts'
import { precertificate } from './precertificate.ts'
import type { LogKey } from './trust-material.ts'
import { testWork } from '@verify-images/testing/internal'

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

interface SctOptions {
  readonly logId?: string
  readonly time?: bigint
  readonly version?: number
  readonly hash?: number
  readonly kind?: number
  readonly extensions?: Buffer
  readonly issuer?: Certificate
  readonly tail?: Buffer
}

function makeSct({
  logId = log.logId,
  time: at = time,
  version = 0,
  hash = 4,
  kind = 3,
  extensions = Buffer.alloc(0),
  issuer: by = issuer,
  tail = Buffer.alloc(0),
}: SctOptions = {}): Buffer {
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

/**
 * Returns the leaf with another list of timescts: what the logs signed leaves the list out, so nothing else changes.
 */
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

const withScts = (...scts: readonly Buffer[]): Certificate => withList(vector(Buffer.concat(scts.map(vector))))

const work = testWork()

test('accepts a certificate as it was issued, and SCT lists made here', async () => {
  expect(await verifyScts(leaf, issuer, [log], work)).toBeUndefined()
  expect(await verifyScts(withScts(makeSct()), issuer, [log], work)).toBeUndefined()
  expect(await verifyScts(withScts(makeSct({ extensions: Buffer.from('x') })), issuer, [log], work)).toBeUndefined()
})

test("accepts an SCT at both ends of the log's validity window, and none outside", async () => {
  const at = new Date(Number(time))
  expect(await verifyScts(leaf, issuer, [{ ...log, window: { start: at, end: at } }], work)).toBeUndefined()
  for (const window of [{ end: new Date(at.getTime() - 1) }, { start: new Date(at.getTime() + 1) }]) {
    await expect(verifyScts(leaf, issuer, [{ ...log, window }], work)).rejects.toThrow(CheckError)
  }
})

test('ignores an SCT of an unknown log beside a valid one', async () => {
  expect(
    await verifyScts(withScts(makeSct({ logId: '00'.repeat(32) }), makeSct()), issuer, [log], work),
  ).toBeUndefined()
})

test('counts distinct logs: not SCTs, and not ids of one key', async () => {
  const twin: LogKey = { ...log, logId: '11'.repeat(32) }
  await expect(verifyScts(withScts(makeSct(), makeSct({ time: time + 1n })), issuer, [log], work, 2)).rejects.toThrow(
    CheckError,
  )
  await expect(
    verifyScts(withScts(makeSct(), makeSct({ logId: twin.logId })), issuer, [log, twin], work, 2),
  ).rejects.toThrow(CheckError)
})

const root = parseCertificates(readCorpusText('registry/trust/sigstore-1/fulcio-root.pem'))[0]
const { [OID]: _list, ...others } = Object.fromEntries(leaf.extensions)

const refused: readonly (readonly [string, Certificate, Certificate?])[] = [
  ['no SCT list', { ...leaf, extensions: new Map(Object.entries(others)) }],
  ['an empty SCT list', withScts()],
  ['an SCT of an unknown log', withScts(makeSct({ logId: '00'.repeat(32) }))],
  ['an SCT for the certificate under another issuer', withScts(makeSct({ issuer: root }))],
  ['another issuer than the one in the SCT', leaf, root],
  ['an SCT of another certificate', { ...withScts(makeSct()), tbs: root.tbs }],
  ['an SCT of another version', withScts(makeSct({ version: 1 }))],
  ['an SCT with another hash algorithm', withScts(makeSct({ hash: 2 }))],
  ['an SCT with another kind of signature', withScts(makeSct({ kind: 1 }))],
  ['an SCT with a time beyond what Date can hold', withScts(makeSct({ time: 2n ** 64n - 1n }))],
  ['bytes behind an SCT', withScts(makeSct({ tail: Buffer.from([0]) }))],
  ['an SCT list with too large a length', withList(Buffer.concat([Buffer.from([0xff, 0xff]), vector(makeSct())]))],
  ['an SCT list with trailing bytes', withList(Buffer.concat([vector(vector(makeSct())), Buffer.from([0])]))],
  ['an SCT extension that is not DER', withList(Buffer.from('an SCT extension that is not DER'))],
  ['seventeen SCTs', withScts(...Array.from({ length: 17 }, () => makeSct()))],
]

test.each(refused.map(([name, certificate, by = issuer]) => [name, certificate, by] as const))(
  'rejects %s',
  async (_name, certificate, by) => {
    await expect(verifyScts(certificate, by, [log], work)).rejects.toThrow(
      expect.objectContaining({ code: 'ATTESTOR_SCT_INVALID' }),
    )
  },
)
