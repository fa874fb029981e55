import { parseCertificate } from '@verify-images/x509'
import { expect, test } from 'vitest'
import { readCorpusBundle } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { verifySigningCertificate } from './verify-certificate.ts'
import { parseRoots } from './policy-trust.ts'
import { parseTrustedRoot } from './trusted-root.ts'
import { testWork } from '@verify-images/testing/internal'

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
const work = testWork()
const codeOf = async (call: () => Promise<unknown>): Promise<unknown> => {
  try {
    return (await call()) && 'accepted'
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

test('returns the chain from the leaf over the intermediate to the root', async () => {
  expect(await verifySigningCertificate(leaf, [], [foreign, authority], [signed], work)).toEqual([
    leaf,
    ...authority.intermediates,
    ...authority.roots,
  ])
})

test('builds with certificates of the signature, and anchors only in trusted roots', async () => {
  expect(await codeOf(() => verifySigningCertificate(leaf, [intermediate], [rootOnly], [signed], work))).toBe(
    'accepted',
  )
  expect(await codeOf(() => verifySigningCertificate(leaf, [], [rootOnly], [signed], work))).toBe(
    'ATTESTOR_CERTIFICATE_UNTRUSTED',
  )
  expect(
    await codeOf(() => verifySigningCertificate(leaf, [intermediate, ...rootOnly.roots], [foreign], [signed], work)),
  ).toBe('ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await codeOf(() => verifySigningCertificate(leaf, [intermediate], [], [signed], work))).toBe(
    'ATTESTOR_CERTIFICATE_UNTRUSTED',
  )
})

test('rejects a certificate that was not valid at every given time', async () => {
  const later = new Date('2026-03-06T10:00:30Z')
  expect(
    await codeOf(() => verifySigningCertificate(leaf, [], [authority], [leaf.notBefore, signed, leaf.notAfter], work)),
  ).toBe('accepted')
  for (const times of [
    [signed, later],
    [later, signed],
  ]) {
    expect(await codeOf(() => verifySigningCertificate(leaf, [], [authority], times, work))).toBe(
      'ATTESTOR_CERTIFICATE_EXPIRED',
    )
  }
  expect(await codeOf(() => verifySigningCertificate(leaf, [], [authority], [], work))).toBe(
    'ATTESTOR_TIMESTAMP_MISSING',
  )
})

test("rejects times outside the authority's validity, its ends included in it", async () => {
  expect(
    await codeOf(() =>
      verifySigningCertificate(leaf, [], [{ ...authority, window: { start: signed, end: signed } }], [signed], work),
    ),
  ).toBe('accepted')
  for (const window of [{ end: new Date(signed.getTime() - 1) }, { start: new Date(signed.getTime() + 1) }]) {
    expect(await codeOf(() => verifySigningCertificate(leaf, [], [{ ...authority, window }], [signed], work))).toBe(
      'ATTESTOR_CERTIFICATE_UNTRUSTED',
    )
  }
})
