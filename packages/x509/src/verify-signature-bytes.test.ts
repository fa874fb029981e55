import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateEncrypt,
  sign,
} from 'node:crypto'
import { ed25519ph } from '@noble/curves/ed25519.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openDer } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { readInteger } from './der/values.ts'
import { parsePublicKey } from './public-key.ts'
import type { Curve } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { der } from '@verify-images/testing/internal'
import { makeKeyPair } from '@verify-images/testing/internal'
import { isStrictEcdsaSignature, verifySignatureBytes, verifySignatureInSlices } from './verify-signature-bytes.ts'

const data = Buffer.from('what was signed')
const other = Buffer.from('what was not')
const ec = makeKeyPair('P-256')
const rsa = makeKeyPair('rsa')
const ed = makeKeyPair('ed25519')
const keys = {
  ec: parsePublicKey(ec.spki),
  p384: parsePublicKey(makeKeyPair('P-384').spki),
  rsa: parsePublicKey(rsa.spki),
  ed: parsePublicKey(ed.spki),
}

const HASHES = ['sha224', 'sha256', 'sha384', 'sha512'] as const
const genuine: readonly (readonly [SignatureAlgorithm, keyof typeof keys, Uint8Array])[] = [
  ...HASHES.map((hash) => [`ecdsa-${hash}`, 'ec', sign(hash, data, ec.privateKey)] as const),
  ...HASHES.map((hash) => [`rsa-pkcs1-${hash}`, 'rsa', sign(hash, data, rsa.privateKey)] as const),
  ...HASHES.map((hash) => [`rsa-pss-${hash}`, 'rsa', pss(hash, constants.RSA_PSS_SALTLEN_DIGEST)] as const),
  ['ed25519', 'ed', sign(null, data, ed.privateKey)],
  ['ed25519ph', 'ed', ed25519ph.sign(data, Buffer.from(ed.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'))],
]

function pss(hash: string, saltLength: number, message: Uint8Array = data): Uint8Array {
  return sign(hash, message, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
}

test.each(genuine)(
  'verifies %s with the %s key, and rejects other data, keys and algorithms',
  (algorithm, key, signature) => {
    expect(verifySignatureBytes(keys[key], algorithm, data, signature)).toBe(true)
    expect(verifySignatureBytes(keys[key], algorithm, other, signature)).toBe(false)
    for (const name of Object.keys(keys) as (keyof typeof keys)[]) {
      for (const [claimed] of genuine) {
        expect(verifySignatureBytes(keys[name], claimed, data, signature)).toBe(name === key && claimed === algorithm)
      }
    }
  },
)

test('rejects a signature with any bit changed', () => {
  for (const [algorithm, key, signature] of genuine) {
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = Uint8Array.from(signature, (octet, i) => (i === at ? octet ^ flip : octet))
        expect(verifySignatureBytes(keys[key], algorithm, data, altered)).toBe(false)
      }),
      { numRuns: 20 },
    )
    expect(verifySignatureBytes(keys[key], algorithm, data, Uint8Array.from([...signature, 0]))).toBe(false)
    expect(verifySignatureBytes(keys[key], algorithm, data, signature.subarray(0, -1))).toBe(false)
    expect(verifySignatureBytes(keys[key], algorithm, data, new Uint8Array())).toBe(false)
  }
})

describe('ECDSA', () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const cursor = openDer(sign('sha256', data, ec.privateKey), 'signature').enter(TAG.SEQUENCE, 'signature')
  const r = readInteger(cursor.read(TAG.INTEGER, 'r'))
  const s = readInteger(cursor.read(TAG.INTEGER, 's'))
  const verifies = (signature: Uint8Array): boolean => verifySignatureBytes(keys.ec, 'ecdsa-sha256', data, signature)
  const pair = (first: bigint, second: bigint): Uint8Array => der.sequence(der.integer(first), der.integer(second))

  test('accepts both genuine ECDSA signatures, (r, s) and (r, n − s)', () => {
    expect(verifies(pair(r, s))).toBe(true)
    expect(verifies(pair(r, order - s))).toBe(true)
  })

  test.each([
    ['r = s = 0', pair(0n, 0n)],
    ['r = s = n', pair(order, order)],
    ['r = s = 1', pair(1n, 1n)],
    ['a negative s', pair(r, -s)],
    ['s + n', pair(r, s + order)],
    ['r + n', pair(r + order, s)],
    ['r‖s instead of DER', Buffer.from(r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0'), 'hex')],
    ['a third integer', der.sequence(der.integer(r), der.integer(s), der.integer(0))],
    [
      'a superfluous zero',
      der.sequence(
        der.element(
          TAG.INTEGER,
          Buffer.concat([Uint8Array.of(0, 0), Buffer.from(r.toString(16).padStart(64, '0'), 'hex')]),
        ),
        der.integer(s),
      ),
    ],
    ['a long form of its length', Uint8Array.from([0x30, 0x81, ...pair(r, s).subarray(1)])],
  ])('rejects %s', (_name, signature) => {
    expect(verifies(signature)).toBe(false)
  })
})

describe('Ed25519', () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n

  test.each(['ed25519', 'ed25519ph'] as const)('rejects S + L for %s', (algorithm) => {
    const signature = genuine.find(([name]) => name === algorithm)?.[2] ?? new Uint8Array()
    const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
    const twin = Buffer.concat([
      signature.subarray(0, 32),
      Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse(),
    ])
    expect(verifySignatureBytes(keys.ed, algorithm, data, signature)).toBe(true)
    expect(verifySignatureBytes(keys.ed, algorithm, data, twin)).toBe(false)
  })

  test('verifies the Ed25519ph vector of RFC 8032, 7.3', () => {
    const key = parsePublicKey(
      der.sequence(
        der.sequence(der.oid('1.3.101.112')),
        der.bitString(Buffer.from('ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf', 'hex')),
      ),
    )
    const signature = Buffer.from(
      '98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406',
      'hex',
    )
    expect(verifySignatureBytes(key, 'ed25519ph', Buffer.from('abc'), signature)).toBe(true)
    expect(verifySignatureBytes(key, 'ed25519', Buffer.from('abc'), signature)).toBe(false)
  })
})

describe('RSA', () => {
  const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  const raw = (block: Uint8Array): Uint8Array =>
    privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, block)
  const block = (head: readonly number[], fill: number, info: Uint8Array, tail = 0): Uint8Array => {
    const padding = 256 - head.length - 1 - info.length - tail
    return Buffer.concat([
      Uint8Array.from(head),
      Buffer.alloc(padding, fill),
      Uint8Array.of(0),
      info,
      Buffer.alloc(tail, 0x55),
    ])
  }
  const info = Buffer.concat([DIGEST_INFO, sha256(data)])
  const verifies = (signature: Uint8Array): boolean =>
    verifySignatureBytes(keys.rsa, 'rsa-pkcs1-sha256', data, signature)
  const withoutNull = Buffer.concat([
    Buffer.from('302f300b0609608648016503040201', 'hex'),
    Buffer.from('0420', 'hex'),
    sha256(data),
  ])

  test('accepts the padding that PKCS#1 defines', () => {
    expect(verifies(raw(block([0, 1], 0xff, info)))).toBe(true)
  })

  test.each([
    ['block type 02', block([0, 2], 0xff, info)],
    ['block type 00', block([0, 0], 0xff, info)],
    ['other padding octets', block([0, 1], 0xfe, info)],
    ['garbage behind the digest', block([0, 1], 0xff, info, 100)],
    ['DigestInfo without NULL', block([0, 1], 0xff, withoutNull)],
    [
      'eight octets of padding, aligned right',
      Buffer.concat([
        Buffer.alloc(256 - 11 - info.length, 0),
        Uint8Array.of(0, 1),
        Buffer.alloc(8, 0xff),
        Uint8Array.of(0),
        info,
      ]),
    ],
  ])('rejects %s', (_name, bytes) => {
    expect(verifies(raw(bytes))).toBe(false)
  })

  test('rejects a PSS salt of another length', () => {
    expect(verifySignatureBytes(keys.rsa, 'rsa-pss-sha256', data, pss('sha256', 32))).toBe(true)
    expect(verifySignatureBytes(keys.rsa, 'rsa-pss-sha256', data, pss('sha256', 20))).toBe(false)
    expect(verifySignatureBytes(keys.rsa, 'rsa-pss-sha256', data, pss('sha256', 0))).toBe(false)
  })

  test('rejects a cube-root forgery with e = 3', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
    const key = parsePublicKey(
      Uint8Array.from(
        createPublicKey(createPrivateKey(small.privateKey.export({ type: 'pkcs8', format: 'pem' }))).export({
          type: 'spki',
          format: 'der',
        }),
      ),
    )
    const prefix = Buffer.concat([Uint8Array.of(0, 1), Buffer.alloc(8, 0xff), Uint8Array.of(0), info])
    const target = BigInt(`0x${Buffer.concat([prefix, Buffer.alloc(256 - prefix.length, 0xff)]).toString('hex')}`)
    let root = 1n << 700n
    for (let step = 1n << 699n; step > 0n; step >>= 1n) root = root ** 3n > target ? root - step : root + step
    while (root ** 3n > target) root--
    expect((root ** 3n).toString(16).padStart(512, '0').startsWith(prefix.toString('hex'))).toBe(true)
    expect(
      verifySignatureBytes(key, 'rsa-pkcs1-sha256', data, Buffer.from(root.toString(16).padStart(512, '0'), 'hex')),
    ).toBe(false)
  })
})

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

const ORDERS: readonly (readonly [Curve, bigint])[] = [
  ['P-256', p256.Point.CURVE().n],
  ['P-384', p384.Point.CURVE().n],
  ['P-521', p521.Point.CURVE().n],
]
const pair = (r: bigint, s: bigint): Uint8Array => der.sequence(der.integer(r), der.integer(s))

test.each(ORDERS)('the scalars of a %s signature are between 1 and n − 1', (curve, order) => {
  expect(isStrictEcdsaSignature(pair(1n, order - 1n), curve)).toBe(true)
  expect(isStrictEcdsaSignature(pair(order - 1n, 1n), curve)).toBe(true)
  for (const scalar of [0n, -1n, order, order + 1n]) {
    expect(isStrictEcdsaSignature(pair(scalar, 1n), curve)).toBe(false)
    expect(isStrictEcdsaSignature(pair(1n, scalar), curve)).toBe(false)
  }
})

test.each([
  ['trailing bytes', Uint8Array.from([...pair(1n, 1n), 0])],
  ['a third integer', der.sequence(der.integer(1), der.integer(1), der.integer(1))],
  ['one integer', der.sequence(der.integer(1))],
  ['an integer that is not minimal', Uint8Array.from([0x30, 7, 2, 2, 0, 1, 2, 1, 1])],
  ['a length that is not minimal', Uint8Array.from([0x30, 0x81, 6, 2, 1, 1, 2, 1, 1])],
])('an ECDSA signature is not %s', (_name, signature) => {
  expect(() => isStrictEcdsaSignature(signature, 'P-256')).toThrow(
    expect.objectContaining({ name: 'CertificateError' }),
  )
})

describe('a message in slices', () => {
  const { signal } = new AbortController()
  const large = Buffer.alloc(600_000, 'signed')
  const changed = Buffer.concat([large.subarray(1), Buffer.from('x')])
  const parts = [large.subarray(0, 7), large.subarray(7)]
  const seed = Buffer.from(ed.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
  const signatures: readonly (readonly [SignatureAlgorithm, keyof typeof keys, Uint8Array])[] = [
    ['ecdsa-sha256', 'ec', sign('sha256', large, ec.privateKey)],
    ['ecdsa-sha384', 'ec', sign('sha384', large, ec.privateKey)],
    ['rsa-pkcs1-sha256', 'rsa', sign('sha256', large, rsa.privateKey)],
    ['rsa-pss-sha256', 'rsa', pss('sha256', constants.RSA_PSS_SALTLEN_DIGEST, large)],
    ['ed25519', 'ed', sign(null, large, ed.privateKey)],
    ['ed25519ph', 'ed', ed25519ph.sign(large, seed)],
  ]

  test.each(signatures)('is verified with %s and the %s key as one in one piece', async (algorithm, key, signature) => {
    for (const message of [large, parts])
      expect(await verifySignatureInSlices(keys[key], algorithm, message, signature, signal)).toBe(true)
    expect(await verifySignatureInSlices(keys[key], algorithm, changed, signature, signal)).toBe(false)
    for (const name of Object.keys(keys) as (keyof typeof keys)[]) {
      for (const [claimed] of signatures) {
        const isValid = await verifySignatureInSlices(keys[name], claimed, parts, signature, signal)
        expect(isValid).toBe(verifySignatureBytes(keys[name], claimed, large, signature))
      }
    }
  })

  test.each(signatures)('is not verified by a changed signature: %s', async (algorithm, key, signature) => {
    for (const at of [0, 31, 32, signature.length - 1]) {
      const other = Uint8Array.from(signature, (byte, i) => (i === at ? byte ^ 1 : byte))
      expect(await verifySignatureInSlices(keys[key], algorithm, parts, other, signal)).toBe(false)
    }
    expect(await verifySignatureInSlices(keys[key], algorithm, parts, new Uint8Array(), signal)).toBe(false)
  })

  test('that is small is verified in parts, too', async () => {
    const signature = sign('sha256', data, ec.privateKey)
    const [first, ...rest] = [data.subarray(0, 3), data.subarray(3)]
    expect(await verifySignatureInSlices(keys.ec, 'ecdsa-sha256', [first, ...rest], signature, signal)).toBe(true)
    expect(await verifySignatureInSlices(keys.ec, 'ecdsa-sha256', rest, signature, signal)).toBe(false)
  })

  test('a message in slices is not hashed to its end after an abort', async () => {
    const reason = new Error('deadline')
    const [[algorithm, key, signature] = ['ed25519', 'ed', data] as const] = signatures
    await expect(
      verifySignatureInSlices(keys[key], algorithm, large, signature, AbortSignal.abort(reason)),
    ).rejects.toBe(reason)
  })
})
