import { createHash, createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { der } from '../certificates/der-writer.ts'
import { createCertificateLog } from './certificate-log.ts'

test('signs the precertificate and the hash of the issuer key in an SCT', () => {
  const log = createCertificateLog('https://ctlog.test')
  const precertificate = der.sequence(der.integer(1))
  const issuerSpki = Buffer.from('issuer key')
  const at = new Date('2026-05-01T10:00:00.123Z')
  // OCTET STRING { list length, SCT length, version, log ID, time, no extensions, hash and key algorithm, signature }
  const sct = Buffer.from(log.submit(precertificate, issuerSpki, at)).subarray(2 + 4)
  expect(sct[0]).toBe(0)
  expect(sct.subarray(1, 33)).toEqual(createHash('sha256').update(log.spki).digest())
  expect(sct.readBigUInt64BE(33)).toBe(BigInt(at.getTime()))
  expect(sct.subarray(41, 45).toString('hex')).toBe('00000403')
  expect(sct.readUInt16BE(45)).toBe(sct.length - 47)

  const signedOver = (spki: Uint8Array): Buffer =>
    Buffer.concat([
      Uint8Array.of(0, 0),
      sct.subarray(33, 41),
      Uint8Array.of(0, 1),
      createHash('sha256').update(spki).digest(),
      Uint8Array.of(0, 0, precertificate.length),
      precertificate,
      Uint8Array.of(0, 0),
    ])
  const key = createPublicKey({ key: Buffer.from(log.spki), type: 'spki', format: 'der' })
  expect(verify('sha256', signedOver(issuerSpki), key, sct.subarray(47))).toBe(true)
  expect(verify('sha256', signedOver(Buffer.from('another key')), key, sct.subarray(47))).toBe(false)
})
