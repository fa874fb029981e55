import { createEvaluationBudget } from '@verify-images/primitives'
import { generalName, makeCertificate, makeKeyPair } from '@verify-images/testing/internal'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildChain, buildChainInSlices } from './build-chain.ts'
import { CertificateError } from './certificate-error.ts'
import { parseCertificate } from './parse-certificate.ts'

const rootKey = makeKeyPair()
const root = makeCertificate({ subject: 'root', key: rootKey, ca: true, keyUsage: ['keyCertSign'] })
const made = makeCertificate({
  subject: 'signer',
  key: makeKeyPair(),
  issuer: { name: root.name, key: rootKey },
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'],
  subjectAltNames: [generalName.email('alice@example.com')],
})
const anchor = parseCertificate(root.der)
const leaf = parseCertificate(made.der)
const requestFor = (der: Uint8Array): Parameters<typeof buildChain>[0] => ({
  leaf: parseCertificate(der),
  intermediates: [],
  roots: [anchor],
  at: leaf.notBefore,
  usage: 'codeSigning',
})

test('control: the certificate as it was issued has a chain', () => {
  expect(buildChain(requestFor(made.der))).toHaveLength(2)
})

test('no changed byte of a signed certificate is accepted', () => {
  fc.assert(
    fc.property(fc.nat(made.der.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const der = Buffer.from(made.der)
      der.writeUInt8(der.readUInt8(at) ^ change, at)
      expect(() => buildChain(requestFor(der))).toThrow(CertificateError)
    }),
    { numRuns: 60 },
  )
})

test('a chain in slices is the same chain, and counts each signature before it is verified', async () => {
  const work = { signal: new AbortController().signal, budget: createEvaluationBudget(), by: 'x' }
  expect(await buildChainInSlices(requestFor(made.der), work)).toEqual(buildChain(requestFor(made.der)))
  expect(work.budget.spent().certificates).toBe(1)
  const spent = { ...work, budget: createEvaluationBudget({ certificates: 0 }) }
  await expect(buildChainInSlices(requestFor(made.der), spent)).rejects.toThrow(
    expect.objectContaining({ code: 'ATTESTOR_BUDGET_EXCEEDED' }),
  )
})

test('a chain in slices ends with the reason of an aborted signal', async () => {
  const reason = new Error('enough')
  const work = { signal: AbortSignal.abort(reason), budget: createEvaluationBudget(), by: 'x' }
  await expect(buildChainInSlices(requestFor(made.der), work)).rejects.toBe(reason)
})
