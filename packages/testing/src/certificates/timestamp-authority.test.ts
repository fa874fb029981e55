import { createHash, verify, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { der } from './der-writer.ts'
import { makeTimestampAuthority, type TimestampOptions } from './timestamp-authority.ts'

interface Element {
  readonly tag: number
  /** Tag, length and content. */
  readonly whole: Buffer
  readonly content: Buffer
}

/** Reads the elements of a constructed value. */
function read(bytes: Buffer): readonly Element[] {
  if (bytes.length === 0) return []
  const [tag = 0, short = 0] = bytes
  const octets = short & 0x80 ? short & 0x7f : 0
  const length = octets === 0 ? short : bytes.readUIntBE(2, octets)
  const end = 2 + octets + length
  return [
    { tag, whole: bytes.subarray(0, end), content: bytes.subarray(2 + octets, end) },
    ...read(bytes.subarray(end)),
  ]
}

/** Follows one index per level. */
function at(bytes: Buffer, ...path: readonly number[]): Element {
  const [index = 0, ...rest] = path
  const element = read(bytes).at(index)
  if (element === undefined) throw new Error(`no element ${String(index)}`)
  return rest.length === 0 ? element : at(element.content, ...rest)
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const authority = makeTimestampAuthority()
const signed = Buffer.from('signature')

function open(options: TimestampOptions = {}): {
  readonly status: Buffer
  readonly info: Buffer
  readonly certificate: Buffer
  readonly signerInfo: Buffer
  readonly attributes: readonly Element[]
} {
  const response = Buffer.from(authority.timestamp(signed, { genTime: new Date('2026-05-01T10:00:00Z'), ...options }))
  // TimeStampResp { PKIStatusInfo, ContentInfo { oid, [0] SignedData } }
  const signedData = at(response, 0, 1, 1, 0).content
  const signerInfo = at(signedData, 4, 0).content
  return {
    status: at(response, 0, 0, 0).whole,
    info: at(signedData, 2, 1, 0).content,
    certificate: at(signedData, 3, 0).whole,
    signerInfo,
    attributes: read(at(signerInfo, 3).content),
  }
}

const attribute = (attributes: readonly Element[], oid: string): Buffer => {
  const found = attributes.find(({ content }) => at(content, 0).whole.equals(der.oid(oid)))
  if (found === undefined) throw new Error(`no attribute ${oid}`)
  return at(found.content, 1, 0).whole
}

test('signs the signed attributes as a SET, by the embedded certificate', () => {
  const { certificate, signerInfo } = open()
  const leaf = new X509Certificate(certificate)
  expect(leaf.checkIssued(new X509Certificate(authority.root.der))).toBe(true)
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.8'])
  expect(at(signerInfo, 1, 1).whole).toEqual(Buffer.from(der.integer(BigInt(`0x${leaf.serialNumber}`))))
  const attributes = at(signerInfo, 3)
  expect(attributes.tag).toBe(0xa0)
  const signature = at(signerInfo, 5).content
  expect(verify('sha256', der.set(attributes.content), leaf.publicKey, signature)).toBe(true)
  expect(verify('sha256', attributes.whole, leaf.publicKey, signature)).toBe(false)
})

test('binds the content and the signing certificate with signed attributes', () => {
  const { info, certificate, attributes } = open()
  expect(attribute(attributes, '1.2.840.113549.1.9.3')).toEqual(Buffer.from(der.oid('1.2.840.113549.1.9.16.1.4')))
  expect(attribute(attributes, '1.2.840.113549.1.9.4')).toEqual(Buffer.from(der.octetString(sha256(info))))
  expect(at(attribute(attributes, '1.2.840.113549.1.9.16.2.47'), 0, 0, 0, 0).content).toEqual(sha256(certificate))
})

test('states the time and the imprint in the TSTInfo', () => {
  const { status, info } = open()
  expect(status).toEqual(Buffer.from(der.integer(0)))
  expect(at(info, 0, 2, 1).content).toEqual(sha256(signed))
  expect(at(info, 0, 4).content.toString()).toBe('20260501100000Z')
})

test('falsifies only what an option names', () => {
  const { info, attributes, signerInfo, certificate } = open({ imprint: sha256(Buffer.from('other')) })
  expect(at(info, 0, 2, 1).content).toEqual(sha256(Buffer.from('other')))
  expect(attribute(attributes, '1.2.840.113549.1.9.4')).toEqual(Buffer.from(der.octetString(sha256(info))))
  const { publicKey } = new X509Certificate(certificate)
  expect(verify('sha256', der.set(at(signerInfo, 3).content), publicKey, at(signerInfo, 5).content)).toBe(true)
  expect(() => attribute(open({ names: undefined }).attributes, '1.2.840.113549.1.9.16.2.47')).toThrow('no attribute')
})

test('returns the token of the response alone with `bare`', () => {
  const bare = Buffer.from(authority.timestamp(signed, { bare: true }))
  expect(at(bare, 0, 0).whole).toEqual(Buffer.from(der.oid('1.2.840.113549.1.7.2')))
})
