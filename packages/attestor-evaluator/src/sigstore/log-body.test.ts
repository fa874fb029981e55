import { CheckError } from '@verify-images/primitives'
import { dsse } from '@sigstore/core'
import { parseCertificate } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { replaceEachNode } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { requireLogged } from './log-body.ts'
import type { LoggedSignature } from './log-entry.ts'

const pem = readCorpusText('registry/trust/ca/ec-leaf.pem')
const certificate = parseCertificate(pem)
const payload = Buffer.from('{"_type":"x"}')
const envelope = Buffer.from('{"payload":"…"}')
const signedBytes = dsse.preAuthEncoding('application/vnd.in-toto+json', payload)
const signature = Buffer.from('signature')
const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64')
const hash = (data: Uint8Array): Json => ({
  algorithm: 'sha256',
  value: createHash('sha256').update(data).digest('hex'),
})
const digest = (data: Uint8Array, name: string, algorithm: string): Json => ({
  algorithm,
  digest: createHash(name).update(data).digest('base64'),
})
const verifier: Json = { keyDetails: 'PKIX_ECDSA_P256_SHA_256', x509Certificate: { rawBytes: base64(certificate.raw) } }

const bundled: LoggedSignature = {
  signature,
  signer: { kind: 'certificate', der: certificate.raw },
  content: { kind: 'envelope', payload, signedBytes },
}
const uploaded: LoggedSignature = { ...bundled, content: { kind: 'envelope', payload, signedBytes, envelope } }
const plain: LoggedSignature = { ...bundled, content: { kind: 'bytes', bytes: payload } }

/** One body of each form, and the nodes that say nothing about the signature. */
const forms: readonly (readonly [string, LoggedSignature, Json, readonly string[]])[] = [
  [
    'hashedrekord/0.0.1',
    plain,
    { data: { hash: hash(payload) }, signature: { content: base64(signature), publicKey: { content: base64(pem) } } },
    [],
  ],
  [
    'hashedrekord/0.0.2',
    plain,
    {
      hashedRekordV002: {
        data: digest(payload, 'sha256', 'SHA2_256'),
        signature: { content: base64(signature), verifier },
      },
    },
    ['keyDetails'],
  ],
  [
    'hashedrekord/0.0.2',
    bundled,
    {
      hashedRekordV002: {
        data: digest(signedBytes, 'sha384', 'SHA2_384'),
        signature: { content: base64(signature), verifier },
      },
    },
    ['keyDetails'],
  ],
  [
    'dsse/0.0.1',
    bundled,
    {
      envelopeHash: hash(envelope),
      payloadHash: hash(payload),
      signatures: [{ signature: base64(signature), verifier: base64(pem) }],
    },
    ['envelopeHash'],
  ],
  [
    'dsse/0.0.1',
    uploaded,
    {
      envelopeHash: hash(envelope),
      payloadHash: hash(payload),
      signatures: [{ signature: base64(signature), verifier: base64(pem) }],
    },
    [],
  ],
  [
    'dsse/0.0.2',
    bundled,
    {
      dsseV002: {
        payloadHash: digest(payload, 'sha256', 'SHA2_256'),
        signatures: [{ content: base64(signature), verifier }],
      },
    },
    ['keyDetails'],
  ],
  [
    'intoto/0.0.1',
    uploaded,
    { content: { hash: hash(envelope), payloadHash: hash(payload) }, publicKey: base64(pem) },
    ['payloadHash'],
  ],
  [
    'intoto/0.0.2',
    bundled,
    {
      content: {
        envelope: { signatures: [{ publicKey: base64(pem), sig: base64(base64(signature)) }] },
        payloadHash: hash(payload),
      },
    },
    [],
  ],
]

const { signal } = new AbortController()

const match = async (form: string, logged: LoggedSignature, spec: Json): Promise<void> => {
  const [kind = '', version = ''] = form.split('/')
  const body = Buffer.from(JSON.stringify({ apiVersion: version, kind, spec }))
  await requireLogged({ logIndex: 0n, logId: '', kind, version, body }, logged, signal)
}

test.each(forms)(
  'accepts a %s entry of exactly this signature, and rejects it once any node changes',
  async (form, logged, spec, silent) => {
    expect(await match(form, logged, spec)).toBeUndefined()
    // Any other value of any node that says something is refused, and never with a foreign exception.
    for (const { path, document } of replaceEachNode(spec, [null, {}, [], '', 0, true, 'AAAA', [{}, {}]])) {
      if (silent.some((name) => path.split('/').includes(name))) continue
      await expect(match(form, logged, document), path).rejects.toThrow(CheckError)
    }
  },
)

const mismatched: readonly (readonly [string, LoggedSignature])[] = [
  ['hashedrekord/0.0.1', bundled],
  ['dsse/0.0.1', plain],
  ['intoto/0.0.1', bundled],
  ['intoto/0.0.2', plain],
  ['rekord/0.0.1', plain],
  ['constructor/x', plain],
]

test.each(mismatched)('rejects a %s entry, which cannot record such a signature', async (form, logged) => {
  for (const [, , spec] of forms) await expect(match(form, logged, spec)).rejects.toThrow(CheckError)
})

test('rejects a second signature beside the valid one', async () => {
  const signatures = [
    { signature: base64('other'), verifier: base64(pem) },
    { signature: base64(signature), verifier: base64(pem) },
  ]
  await expect(match('dsse/0.0.1', bundled, { payloadHash: hash(payload), signatures })).rejects.toThrow(CheckError)
})

test('rejects a key and a certificate in one entry', async () => {
  const both: Json = {
    x509Certificate: { rawBytes: base64(certificate.raw) },
    publicKey: { rawBytes: base64(certificate.publicKey.spki) },
  }
  const spec = (named: Json): Json => ({
    hashedRekordV002: {
      data: digest(payload, 'sha256', 'SHA2_256'),
      signature: { content: base64(signature), verifier: named },
    },
  })
  expect(await match('hashedrekord/0.0.2', plain, spec(verifier))).toBeUndefined()
  await expect(match('hashedrekord/0.0.2', plain, spec(both))).rejects.toThrow(CheckError)
})
