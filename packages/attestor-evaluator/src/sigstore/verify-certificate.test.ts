import { parseCertificate } from '@verify-images/x509'
import { expect, test } from 'vitest'
import { readCorpusBundle } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { verifySigningCertificate } from './verify-certificate.ts'
import { parseRoots } from './policy-trust.ts'
import { parseTrustedRoot } from './trusted-root.ts'

const { verificationMaterial } = JSON.parse(readCorpusBundle('bundle-keyless').text) as {
  verificationMaterial: { certificate: { rawBytes: string } }
}
const leaf = parseCertificate(Buffer.from(verificationMaterial.certificate.rawBytes, 'base64'))
const [authority] = parseTrustedRoot(
  readCorpusText('registry/trust/sigstore-1/trusted_root.json'),
).certificateAuthorities
const [foreign] = parseTrustedRoot(readCorpusText('registry/trust/sigstore-2/trusted_root.json')).certificateAuthorities
if (authority === undefined || foreign === undefined) throw new Error('both roots have an authority')
const intermediate = parseCertificate(readCorpusText('registry/trust/sigstore-1/fulcio-intermediate.pem'))
const rootOnly = parseRoots(readCorpusText('registry/trust/sigstore-1/fulcio-root.pem'))
const signed = new Date('2026-01-15T10:00:30Z')
const codeOf = (call: () => unknown): unknown => {
  try {
    return call() && 'accepted'
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

test('returns the chain from the leaf over the intermediate to the root', () => {
  expect(verifySigningCertificate(leaf, [], [foreign, authority], [signed])).toEqual([
    leaf,
    ...authority.intermediates,
    ...authority.roots,
  ])
})

test('builds with certificates of the signature, and anchors only in trusted roots', () => {
  expect(codeOf(() => verifySigningCertificate(leaf, [intermediate], [rootOnly], [signed]))).toBe('accepted')
  expect(codeOf(() => verifySigningCertificate(leaf, [], [rootOnly], [signed]))).toBe('ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(codeOf(() => verifySigningCertificate(leaf, [intermediate, ...rootOnly.roots], [foreign], [signed]))).toBe(
    'ATTESTOR_CERTIFICATE_UNTRUSTED',
  )
  expect(codeOf(() => verifySigningCertificate(leaf, [intermediate], [], [signed]))).toBe(
    'ATTESTOR_CERTIFICATE_UNTRUSTED',
  )
})

test('rejects a certificate that was not valid at every given time', () => {
  const later = new Date('2026-03-06T10:00:30Z')
  expect(codeOf(() => verifySigningCertificate(leaf, [], [authority], [leaf.notBefore, signed, leaf.notAfter]))).toBe(
    'accepted',
  )
  for (const times of [
    [signed, later],
    [later, signed],
  ]) {
    expect(codeOf(() => verifySigningCertificate(leaf, [], [authority], times))).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
  }
  expect(codeOf(() => verifySigningCertificate(leaf, [], [authority], []))).toBe('ATTESTOR_TIMESTAMP_MISSING')
})

test("rejects times outside the authority's validity, its ends included in it", () => {
  expect(
    codeOf(() =>
      verifySigningCertificate(leaf, [], [{ ...authority, window: { start: signed, end: signed } }], [signed]),
    ),
  ).toBe('accepted')
  for (const window of [{ end: new Date(signed.getTime() - 1) }, { start: new Date(signed.getTime() + 1) }]) {
    expect(codeOf(() => verifySigningCertificate(leaf, [], [{ ...authority, window }], [signed]))).toBe(
      'ATTESTOR_CERTIFICATE_UNTRUSTED',
    )
  }
})
