import { parsePublicKey } from '@verify-images/x509'
import { makeKeyPair } from '@verify-images/testing/internal'
import { expect, test } from 'vitest'
import { createVerificationMemo } from '@verify-images/primitives'
import { readHash, verificationKey, verifySignature } from './verification-key.ts'
import { testWork } from '@verify-images/testing/internal'

const pair = makeKeyPair()
const key = verificationKey(parsePublicKey(pair.spki), 'sha256')
const data = Buffer.from('data')

test('remembers successes and failures by everything they depend on', async () => {
  const work = testWork()
  const memo = createVerificationMemo()
  const good = pair.sign(data)
  const bad = makeKeyPair().sign(data)
  for (let i = 0; i < 2; i++) {
    expect(await verifySignature(key, data, good, memo, 'd', work)).toBeUndefined()
    await expect(verifySignature(key, data, bad, memo, 'd', work)).rejects.toThrow(
      expect.objectContaining({ code: 'ATTESTOR_SIGNATURE_INVALID' }),
    )
    await expect(verifySignature({ ...key, algorithm: 'ecdsa-sha384' }, data, good, memo, 'd', work)).rejects.toThrow()
  }
})

test('knows the four hashes and no other', async () => {
  expect(['sha224', 'sha256', 'sha384', 'sha512'].map(readHash)).toHaveLength(4)
  for (const name of ['sha1', 'SHA256', '', 'constructor']) {
    expect(() => readHash(name)).toThrow(
      expect.objectContaining({
        code: 'ATTESTOR_POLICY_INVALID',
        details: expect.objectContaining({ detail: { kind: 'attestor-signature-algorithm-unknown', name } }),
      }),
    )
  }
})
