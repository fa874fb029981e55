import { der } from '@verify-images/testing/internal'
import { expect, test } from 'vitest'
import { MAX_CRL_BYTES } from '../limits.ts'
import { codeOf } from '../testing/code-of.ts'
import { readCorpus, readCorpusBytes } from '../testing/corpus-world.ts'
import { NOW, distributionPoints, makeList } from '../testing/revocation-world.ts'
import type { ListOptions } from '../testing/revocation-world.ts'
import { makeAuthority, parsed } from '../testing/signing-world.ts'
import { parseCertificates } from '@verify-images/x509'
import { readRevocationList } from './revocation-list.ts'

const URL = 'http://crl.example.com/list.crl'
const issuer = makeAuthority()
const [certificate, root] = parsed(
  ...issuer.signer({ serialNumber: 4711n, extensions: [distributionPoints(URL)] }).chain,
)
if (!root) throw new Error('no root')
const request = { certificate, issuer: root, now: NOW }
const { signal } = new AbortController()
const read = (options: ListOptions = {}, signedAt?: Date): Promise<string> =>
  readRevocationList(makeList(issuer, options), { ...request, ...(signedAt && { signedAt }) }, signal)
const revoked: ListOptions = { revoked: [{ serialNumber: 1n }, { serialNumber: 4711n }, { serialNumber: 9n }] }

test('finds a revoked certificate among others, and no other', async () => {
  expect(await read()).toBe('good')
  expect(await read({ revoked: [{ serialNumber: 1n }, { serialNumber: 47110n }] })).toBe('good')
  expect(await read(revoked)).toBe('revoked')
})

test('a revocation with a later invalidity date does not affect an earlier signature of a vouched-for time', async () => {
  const later: ListOptions = {
    revoked: [
      {
        serialNumber: 4711n,
        extensions: [{ oid: '2.5.29.24', value: der.generalizedTime(new Date('2026-05-01T00:00:00Z')) }],
      },
    ],
  }
  expect(await read(later, new Date('2026-04-30T00:00:00Z'))).toBe('good')
  expect(await read(later, new Date('2026-05-02T00:00:00Z'))).toBe('revoked')
  expect(await read(later)).toBe('revoked')
})

const scope = (...parts: readonly Uint8Array[]): ListOptions => ({
  extensions: [{ oid: '2.5.29.28', critical: true, value: der.sequence(...parts) }],
})
const from = (url: string): Uint8Array =>
  der.context(0, 'constructed', der.context(0, 'constructed', der.context(6, 'primitive', Buffer.from(url))))
const flag = (number: number): Uint8Array => der.context(number, 'primitive', Uint8Array.of(0xff))

test('accepts a CRL with the distribution point of the certificate', async () => {
  expect(await read(scope(from(URL)))).toBe('good')
  expect(await read(scope(from(URL), flag(1)))).toBe('good')
})

const LIES: readonly (readonly [what: string, options: ListOptions])[] = [
  ['signed by another', { key: makeAuthority().key }],
  ['of another issuer', { name: makeAuthority('other').certificate.name }],
  ['that held until yesterday', { nextUpdate: new Date('2026-05-31T00:00:00Z') }],
  ['that does not say until when it holds', { nextUpdate: null }],
  ['from tomorrow', { thisUpdate: new Date('2026-06-02T00:00:00Z') }],
  ['of changes only', { extensions: [{ oid: '2.5.29.27', critical: true, value: der.integer(1) }] }],
  ['that refers to changes', { extensions: [{ oid: '2.5.29.46', value: der.sequence() }] }],
  ['with a critical extension', { extensions: [{ oid: '1.2.3', critical: true, value: der.null() }] }],
  ['from another place', scope(from('http://crl.example.com/other.crl'))],
  ['for authorities only', scope(flag(2))],
  ['for some reasons only', scope(der.context(3, 'primitive', Uint8Array.of(1, 2)))],
  ['of several issuers', scope(flag(4))],
  ['for attributes only', scope(flag(5))],
  [
    'whose entry has a critical extension',
    { revoked: [{ serialNumber: 4711n, extensions: [{ oid: '1.2.3', critical: true, value: der.null() }] }] },
  ],
]
test.each(LIES)('the status is unknown from a CRL %s', async (_what, options) => {
  expect(await codeOf(() => read())).toBeUndefined()
  expect(await codeOf(() => read(options))).toBe('ATTESTOR_REVOCATION_UNKNOWN')
})

test('the status is unknown if the issuer may not sign CRLs', async () => {
  const mute = makeAuthority('mute', { keyUsage: ['keyCertSign'] })
  const [leaf, top] = parsed(...mute.signer().chain)
  if (!top) throw new Error('no root')
  expect(
    await codeOf(() => readRevocationList(makeList(mute), { certificate: leaf, issuer: top, now: NOW }, signal)),
  ).toBe('ATTESTOR_REVOCATION_UNKNOWN')
})

test.each([
  ['nothing', new Uint8Array()],
  ['a page', Buffer.from('<html>')],
  ['a list that is cut', makeList(issuer, revoked).subarray(0, 90)],
])('the status is unknown from %s', async (_what, bytes) => {
  expect(await codeOf(() => readRevocationList(bytes, request, signal))).toBe('ATTESTOR_REVOCATION_UNKNOWN')
})

/** Returns the DER of a CRL with this many entries, of which the one at `index` is for the certificate. */
function largeList(count: number, index: number): Uint8Array {
  return makeList(issuer, {
    revoked: Array.from({ length: count }, (_, i) => ({ serialNumber: i === index ? 4711n : BigInt(i) + 1_000_000n })),
  })
}

test('finds the last of many entries, and lets the event loop turn meanwhile', async () => {
  const large = largeList(40_000, 39_999)
  let turns = 0
  const counter = setInterval(() => turns++, 1)
  expect(await readRevocationList(large, request, signal)).toBe('revoked')
  clearInterval(counter)
  expect(turns).toBeGreaterThan(3)
})

test('stops at an aborted signal', async () => {
  const reason = new Error('deadline')
  await expect(readRevocationList(largeList(10, 9), request, AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('the status is unknown from a CRL above the limit of bytes', async () => {
  expect(await codeOf(() => readRevocationList(new Uint8Array(MAX_CRL_BYTES + 1), request, signal))).toBe(
    'ATTESTOR_REVOCATION_UNKNOWN',
  )
})

test('the status is unknown from a CRL that writes a serial number in two ways, because one would hide a revocation', async () => {
  const entry = (serial: Uint8Array): Uint8Array =>
    der.sequence(der.element(0x02, serial), der.time(new Date('2026-05-31T00:00:00Z')))
  const signed = der.sequence(
    der.integer(1),
    issuer.key.algorithm,
    issuer.certificate.name,
    der.time(new Date('2026-05-31T00:00:00Z')),
    der.time(new Date('2026-06-02T00:00:00Z')),
    der.sequence(entry(Uint8Array.of(0, 0x12, 0x67))),
  )
  const list = der.sequence(signed, issuer.key.algorithm, der.bitString(issuer.key.sign(signed)))
  expect(await codeOf(() => readRevocationList(list, request, signal))).toBe('ATTESTOR_REVOCATION_UNKNOWN')
})

test('the CRL of the corpus revokes its signer', async () => {
  const [leaf, top] = parseCertificates(readCorpus('registry/trust/notation/revoked-chain.pem'))
  const [signer] = parseCertificates(readCorpus('registry/trust/notation/revoked-leaf.pem'))
  const issuers = parseCertificates(readCorpus('registry/trust/notation/rsa-root.pem'))
  expect([leaf.fingerprint, top?.fingerprint]).toContain(signer.fingerprint)
  expect(
    await readRevocationList(
      readCorpusBytes('registry/trust/notation/notation-rsa.crl'),
      { certificate: signer, issuer: issuers[0], now: new Date('2026-11-25T00:00:00Z') },
      signal,
    ),
  ).toBe('revoked')
})
