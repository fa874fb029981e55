import { ECDH, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CertificateError } from './certificate-error.ts'
import { parsePublicKey } from './public-key.ts'
import { der, toPem } from '@verify-images/testing/internal'
import { makeKeyPair } from '@verify-images/testing/internal'

const trust = (name: string): string =>
  readFileSync(new URL(`../../../conformance/corpus/registry/trust/${name}`, import.meta.url), 'utf8')
const refusal = (input: string | Uint8Array): string | undefined => {
  try {
    parsePublicKey(input)
    return undefined
  } catch (error) {
    return error instanceof CertificateError ? error.code : `foreign: ${String(error)}`
  }
}

const EC = '1.2.840.10045.2.1'
const P256 = '1.2.840.10045.3.1.7'
const pair = makeKeyPair()
const point = pair.spki.subarray(-65)
const ec = (parameters: Uint8Array, encoded: Uint8Array): Uint8Array =>
  der.sequence(der.sequence(der.oid(EC), parameters), der.bitString(encoded))
const rsa = (modulus: bigint, exponent: bigint, parameters: readonly Uint8Array[] = [der.null()]): Uint8Array =>
  der.sequence(
    der.sequence(der.oid('1.2.840.113549.1.1.1'), ...parameters),
    der.bitString(der.sequence(der.integer(modulus), der.integer(exponent))),
  )
const ed25519 = (encoded: Uint8Array): Uint8Array =>
  der.sequence(der.sequence(der.oid('1.3.101.112')), der.bitString(encoded))

test.each([
  ['a.pub', 'ec', 256],
  ['p384.pub', 'ec', 384],
  ['p521.pub', 'ec', 521],
  ['rsa.pub', 'rsa', 2048],
  ['rsa4096.pub', 'rsa', 4096],
  ['ed25519.pub', 'ed25519', 256],
])('reads %s as %s of %i bits', (name, kind, bits) => {
  const key = parsePublicKey(trust(name))
  expect(key).toMatchObject({ kind, bits })
  expect(Buffer.from(key.spki).equals(createPublicKey(trust(name)).export({ type: 'spki', format: 'der' }))).toBe(true)
})

test('a key has one fingerprint, in DER, in PEM and in a certificate', () => {
  const { fingerprint } = parsePublicKey(trust('a.pub'))
  expect(parsePublicKey(trust('attacks/a-crlf.pub')).fingerprint).toBe(fingerprint)
  expect(refusal(trust('attacks/a-compressed.pub'))).toBe('CERTIFICATE_KEY_REFUSED')
  expect(refusal(trust('attacks/a-explicit.pub'))).toBe('CERTIFICATE_KEY_REFUSED')
  expect(refusal(trust('attacks/a-twice.pub'))).toBe('CERTIFICATE_LIMIT_EXCEEDED')
})

test('copies its input', () => {
  const bytes = Uint8Array.from(pair.spki)
  const key = parsePublicKey(bytes)
  bytes.fill(0)
  expect(key.spki).toEqual(pair.spki)
})

test.each([
  ['a good point', ec(der.oid(P256), point), undefined],
  [
    'a hybrid point',
    ec(der.oid(P256), Uint8Array.from([6 + ((point.at(-1) ?? 0) & 1), ...point.subarray(1)])),
    'CERTIFICATE_KEY_REFUSED',
  ],
  [
    'a compressed point',
    ec(der.oid(P256), ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'compressed') as Buffer),
    'CERTIFICATE_KEY_REFUSED',
  ],
  ['the point at infinity', ec(der.oid(P256), Uint8Array.of(0)), 'CERTIFICATE_KEY_REFUSED'],
  [
    'a point off the curve',
    ec(
      der.oid(P256),
      Uint8Array.from(point, (octet, i) => (i === 64 ? octet ^ 1 : octet)),
    ),
    'CERTIFICATE_KEY_REFUSED',
  ],
  [
    'P-224',
    Uint8Array.from(
      generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).publicKey.export({ type: 'spki', format: 'der' }),
    ),
    'CERTIFICATE_KEY_REFUSED',
  ],
  [
    'secp256k1',
    Uint8Array.from(
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ type: 'spki', format: 'der' }),
    ),
    'CERTIFICATE_KEY_REFUSED',
  ],
  ['a P-256 point under the name of P-384', ec(der.oid('1.3.132.0.34'), point), 'CERTIFICATE_KEY_REFUSED'],
  [
    'a curve without parameters',
    der.sequence(der.sequence(der.oid(EC)), der.bitString(point)),
    'CERTIFICATE_KEY_REFUSED',
  ],
  [
    'unused bits',
    der.sequence(
      der.sequence(der.oid(EC), der.oid(P256)),
      der.bitString(Uint8Array.of(...point.subarray(0, 64), 0), 1),
    ),
    'CERTIFICATE_MALFORMED',
  ],
  [
    'more parameters',
    der.sequence(der.sequence(der.oid(EC), der.oid(P256), der.null()), der.bitString(point)),
    'CERTIFICATE_MALFORMED',
  ],
  [
    'X25519',
    Uint8Array.from(generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' })),
    'CERTIFICATE_KEY_REFUSED',
  ],
  ['trailing data', Uint8Array.from([...pair.spki, 0]), 'CERTIFICATE_DER_INVALID'],
])('%s', (_name, bytes, code) => {
  expect(refusal(bytes)).toBe(code)
})

const MODULUS = 2n ** 2047n + 1n

test.each([
  ['2048 bits and e = 3', rsa(MODULUS, 3n), undefined],
  ['2047 bits', rsa(2n ** 2046n + 1n, 3n), 'CERTIFICATE_KEY_REFUSED'],
  ['8192 bits', rsa(2n ** 8191n + 1n, 3n), undefined],
  ['8193 bits', rsa(2n ** 8192n + 1n, 3n), 'CERTIFICATE_KEY_REFUSED'],
  ['an even modulus', rsa(MODULUS + 1n, 3n), 'CERTIFICATE_KEY_REFUSED'],
  ['a negative modulus', rsa(-MODULUS, 3n), 'CERTIFICATE_KEY_REFUSED'],
  ['e = 1', rsa(MODULUS, 1n), 'CERTIFICATE_KEY_REFUSED'],
  ['e = 2', rsa(MODULUS, 2n), 'CERTIFICATE_KEY_REFUSED'],
  ['e = 65538', rsa(MODULUS, 65_538n), 'CERTIFICATE_KEY_REFUSED'],
  ['e = -3', rsa(MODULUS, -3n), 'CERTIFICATE_KEY_REFUSED'],
  ['e = 2³¹ − 1', rsa(MODULUS, 2n ** 31n - 1n), undefined],
  ['e = 2³¹ + 1', rsa(MODULUS, 2n ** 31n + 1n), 'CERTIFICATE_KEY_REFUSED'],
  ['no parameters', rsa(MODULUS, 3n, []), 'CERTIFICATE_KEY_REFUSED'],
])('RSA with %s', (_name, bytes, code) => {
  expect(refusal(bytes)).toBe(code)
})

const P = 2n ** 255n - 19n
const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse())

test.each([
  ['a good point', makeKeyPair('ed25519').spki.subarray(-32), undefined],
  ['the identity', littleEndian(1n), 'CERTIFICATE_KEY_REFUSED'],
  ['order two', littleEndian(P - 1n), 'CERTIFICATE_KEY_REFUSED'],
  ['order four', littleEndian(0n), 'CERTIFICATE_KEY_REFUSED'],
  [
    'order eight',
    Uint8Array.from(Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex')),
    'CERTIFICATE_KEY_REFUSED',
  ],
  ['a coordinate beyond the field', littleEndian(P + 3n), 'CERTIFICATE_KEY_REFUSED'],
  ['no point', littleEndian(2n), 'CERTIFICATE_KEY_REFUSED'],
  ['31 octets', new Uint8Array(31), 'CERTIFICATE_KEY_REFUSED'],
])('Ed25519 with %s', (_name, encoded, code) => {
  expect(refusal(ed25519(encoded))).toBe(code)
})

test('rejects PEM with another label', () => {
  for (const label of ['RSA PUBLIC KEY', 'CERTIFICATE', 'PRIVATE KEY'])
    expect(refusal(toPem(label, pair.spki))).toBe('CERTIFICATE_PEM_INVALID')
})

test('throws only CertificateError, and no mutation is a second encoding of the key', () => {
  const { fingerprint } = parsePublicKey(pair.spki)
  fc.assert(
    fc.property(fc.nat(pair.spki.length - 1), fc.nat(255), (at, octet) => {
      const mutated = Uint8Array.from(pair.spki)
      mutated[at] = octet
      const code = refusal(mutated)
      if (code === undefined)
        expect(parsePublicKey(mutated).fingerprint === fingerprint).toBe(Buffer.from(mutated).equals(pair.spki))
      else expect(code).toMatch(/^CERTIFICATE_/)
    }),
    { numRuns: 1_000 },
  )
})
