import { sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { buildChain, parseCertificate, parseCertificates, verifySignatureBytes } from './index.ts'
import { makeCertificate, makeKeyPair } from '@verify-images/testing/internal'

test('the example of the README', () => {
  const keys = { root: makeKeyPair(), intermediate: makeKeyPair(), leaf: makeKeyPair() }
  const root = makeCertificate({ subject: 'root', key: keys.root, ca: true, keyUsage: ['keyCertSign'] })
  const intermediate = makeCertificate({
    subject: 'intermediate',
    key: keys.intermediate,
    issuer: { name: root.name, key: keys.root },
    ca: true,
    keyUsage: ['keyCertSign'],
  })
  const leafPem = makeCertificate({
    subject: 'leaf',
    key: keys.leaf,
    issuer: { name: intermediate.name, key: keys.intermediate },
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'],
  }).pem
  const intermediatesPem = intermediate.pem
  const rootsPem = root.pem
  const signedAt = new Date('2026-01-01T00:00:00Z')
  const data = Buffer.from('data')
  const signature = sign('sha256', data, keys.leaf.privateKey)

  const leaf = parseCertificate(leafPem)
  const chain = buildChain({
    leaf,
    intermediates: parseCertificates(intermediatesPem),
    roots: parseCertificates(rootsPem),
    at: signedAt,
    usage: 'codeSigning',
  })
  const genuine = verifySignatureBytes(leaf.publicKey, 'ecdsa-sha256', data, signature)

  expect(chain.map(({ subject }) => subject.commonName)).toEqual(['leaf', 'intermediate', 'root'])
  expect(genuine).toBe(true)
})
