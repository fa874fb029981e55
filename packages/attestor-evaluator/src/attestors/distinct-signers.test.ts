import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '@verify-images/primitives'
import type { Evidence, Signer } from '../outcome.ts'
import { countDistinctSigners } from './distinct-signers.ts'

function evidence(signer: Signer): Evidence {
  return {
    format: 'cosign-signature',
    signedDigest: digestOf(Buffer.from('image')),
    artifact: digestOf(Buffer.from('signature')),
    times: [],
    signer,
  }
}
const byKey = (fingerprint: string): Evidence => evidence({ kind: 'key', fingerprint, algorithm: 'ecdsa-sha256' })
const byCertificate = (fingerprint: string, subject?: string, issuer = 'https://idp.test'): Evidence =>
  evidence({
    kind: 'certificate',
    fingerprint,
    subject: '',
    issuer: '',
    serialNumber: '1',
    notBefore: '',
    notAfter: '',
    subjectAltNames: subject === undefined ? [] : [subject],
    claims: subject === undefined ? {} : { oidcIssuer: issuer },
  })

describe('one signer counts once', () => {
  test('one signer counts once however often its key is listed', () => {
    expect(countDistinctSigners([[byKey('a')], [byKey('a')]])).toBe(1)
    expect(countDistinctSigners([[byKey('a')], [byKey('b')]])).toBe(2)
  })

  test('one signer counts once as a key and as a certificate of that key', () => {
    expect(countDistinctSigners([[byKey('a')], [byCertificate('a')]])).toBe(1)
  })

  test('one signer counts once with a new key for every signature, when an identity provider knows it', () => {
    expect(countDistinctSigners([[byCertificate('a', 'user@x')], [byCertificate('b', 'user@x')]])).toBe(1)
    expect(
      countDistinctSigners([[byCertificate('a', 'user@x')], [byCertificate('b', 'user@x', 'https://other.test')]]),
    ).toBe(2)
    expect(countDistinctSigners([[byCertificate('a', 'user@x')], [byCertificate('b', 'else@x')]])).toBe(2)
  })

  test('one signer counts once when signatures share names in a chain', () => {
    expect(countDistinctSigners([[byCertificate('a', 'user@x')], [byCertificate('b', 'user@x')], [byKey('b')]])).toBe(1)
  })
})

test('gives an entry that any signer satisfies the signer that no other entry needs', () => {
  expect(countDistinctSigners([[byKey('a'), byKey('b')], [byKey('a')]])).toBe(2)
  expect(countDistinctSigners([[byKey('a'), byKey('b')], [byKey('a')], [byKey('b')]])).toBe(2)
  expect(countDistinctSigners([[byKey('a'), byKey('b')], [byKey('b'), byKey('c')], [byKey('a')]])).toBe(3)
})

test('does not depend on the order, and never exceeds entries or signers', () => {
  const entries = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 }), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(entries, (keys) => {
      const all = keys.map((each) => each.map(byKey))
      const count = countDistinctSigners(all)
      expect(countDistinctSigners(all.toReversed())).toBe(count)
      expect(count).toBeLessThanOrEqual(Math.min(all.length, new Set(keys.flat()).size))
      expect(countDistinctSigners([...all, [byKey('new')]])).toBe(count + 1)
    }),
  )
})
