import { createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSigningKey, type HashName, type KeyKind } from './signing-key.ts'

const data = Buffer.from('payload')

test.each<readonly [KeyKind, object]>([
  ['P-256', { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve: 'prime256v1' } }],
  ['P-384', { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve: 'secp384r1' } }],
  ['P-521', { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve: 'secp521r1' } }],
  ['RSA-2048', { asymmetricKeyType: 'rsa', asymmetricKeyDetails: { modulusLength: 2048 } }],
  ['Ed25519', { asymmetricKeyType: 'ed25519' }],
])('generates a %s key whose public key verifies its signatures', (kind, details) => {
  const key = createSigningKey(kind)
  const publicKey = createPublicKey(key.publicKey)
  expect(publicKey).toMatchObject(details)
  expect(publicKey.export({ type: 'spki', format: 'der' }).equals(key.spki)).toBe(true)
  const algorithm = kind === 'Ed25519' ? null : 'sha256'
  expect(verify(algorithm, data, publicKey, key.sign(data))).toBe(true)
  expect(verify(algorithm, data, createSigningKey(kind).publicKey, key.sign(data))).toBe(false)
})

test.each<HashName>(['sha384', 'sha512'])('signs over %s if asked to', (hash) => {
  const { publicKey, sign } = createSigningKey()
  expect(verify(hash, data, publicKey, sign(data, hash))).toBe(true)
  expect(verify('sha256', data, publicKey, sign(data, hash))).toBe(false)
})
