import { expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { replaceEachNode } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { staleTrust } from './trust-material.ts'
import { parseTrustedRoot, trustedRoot } from './trusted-root.ts'

const text = readCorpusText('registry/trust/sigstore-1/trusted_root-rekor2.json')
const document = JSON.parse(text) as { [name: string]: Json }

test('parses authorities and logs of Rekor v1 and v2', () => {
  const trust = parseTrustedRoot(text)
  expect(trust.certificateAuthorities).toMatchObject([
    { uri: 'https://fulcio.sigstore-1.test', window: { start: new Date('2020-01-01') } },
  ])
  expect(trust.certificateAuthorities[0]?.roots).toHaveLength(1)
  expect(trust.certificateAuthorities[0]?.intermediates).toHaveLength(1)
  expect(trust.timestampAuthorities[0]?.leaf?.subject.text).toContain('sigstore-1 tsa')
  expect(trust.transparencyLogs.map(({ key }) => key.kind)).toEqual(['ec', 'ed25519'])
  expect(trust.transparencyLogs.map(({ host }) => host)).toEqual([
    'rekor.sigstore-1.test',
    'log2026-1.rekor.sigstore-1.test',
  ])
  expect(trust.certificateLogs).toHaveLength(1)
})

test('parses a value like its JSON text, and keeps no reference to it', async () => {
  const value = structuredClone(document)
  const source = trustedRoot(value)
  value['tlogs'] = []
  expect((await source.load(AbortSignal.timeout(1000))).transparencyLogs).toHaveLength(2)
})

test.each([
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
])('accepts the media type %s', (mediaType) => {
  expect(parseTrustedRoot({ ...document, mediaType }).transparencyLogs).toHaveLength(2)
})

const firstLog = (change: (log: { [name: string]: Json }) => void): Json => {
  const copy = structuredClone(document) as { tlogs: { [name: string]: Json }[] }
  const [log] = copy.tlogs
  if (log !== undefined) change(log)
  return copy as unknown as Json
}
const publicKeyOf = (log: { [name: string]: Json }): { [name: string]: Json } =>
  log['publicKey'] as { [name: string]: Json }

const refused: readonly (readonly [string, string])[] = [
  ['text that is not JSON', 'x'],
  ['the same key twice', text.replace('"mediaType"', '"tlogs":[],"mediaType"')],
  ['trailing text', `${text}{}`],
  ['another media type', text.replace('version=0.1', 'version=0.9')],
  ['a date that is not a date', text.replace('2020-01-01T00:00:00Z', 'yesterday')],
  ['a day that is not in the calendar', text.replace('2020-01-01T00:00:00Z', '2020-02-30T00:00:00Z')],
  [
    'a log without start',
    JSON.stringify(
      firstLog((log) => {
        publicKeyOf(log)['validFor'] = {}
      }),
    ),
  ],
  [
    'a window that ends before it starts',
    JSON.stringify(
      firstLog((log) => {
        publicKeyOf(log)['validFor'] = { start: '2021-01-01T00:00:00Z', end: '2020-01-01T00:00:00Z' }
      }),
    ),
  ],
  [
    'a key of another kind than it claims',
    JSON.stringify(
      firstLog((log) => {
        publicKeyOf(log)['keyDetails'] = 'PKIX_ED25519'
      }),
    ),
  ],
  [
    'an invalid key',
    JSON.stringify(
      firstLog((log) => {
        publicKeyOf(log)['rawBytes'] = 'AAAA'
      }),
    ),
  ],
  [
    'an invalid PKCS #1 key',
    JSON.stringify(
      firstLog((log) => {
        publicKeyOf(log)['keyDetails'] = 'PKCS1_RSA_PKCS1V5'
      }),
    ),
  ],
  [
    'an authority with an empty chain',
    JSON.stringify({ ...document, timestampAuthorities: [{ certChain: { certificates: [] }, validFor: {} }] }),
  ],
  ['an authority without a chain', JSON.stringify({ ...document, certificateAuthorities: [{}] })],
  [
    'more authorities than allowed',
    JSON.stringify({ ...document, certificateAuthorities: Array.from({ length: 257 }, () => ({})) }),
  ],
]

test.each(refused)('rejects a trusted root with %s', (_name, broken) => {
  expect(() => trustedRoot(broken)).toThrow(expect.objectContaining({ code: 'ATTESTOR_TRUST_UNAVAILABLE' }))
})

test('skips a log with an unknown kind of key, with a warning', () => {
  const trust = parseTrustedRoot(
    JSON.stringify(
      firstLog((log) => {
        publicKeyOf(log)['keyDetails'] = 'ML_DSA_65'
      }),
    ),
  )
  expect(trust.transparencyLogs).toHaveLength(1)
  expect(trust.warnings).toHaveLength(1)
})

test('throws only AttestorError for any broken node', () => {
  for (const { document: broken, path } of replaceEachNode(document, [null, {}, [], '', 0, true, 'AAAA'])) {
    try {
      parseTrustedRoot(JSON.stringify(broken))
    } catch (error) {
      expect(error, path).toBeInstanceOf(AttestorError)
    }
  }
})

test('describes what has expired', () => {
  const trust = parseTrustedRoot(readCorpusText('registry/trust/attacks/trusted_root-rekor-ended.json'))
  expect(staleTrust(trust, new Date('2026-11-25'))).toEqual([
    'no transparency log of the trust root is valid after 2026-01-01T00:00:00.000Z',
  ])
  expect(staleTrust(parseTrustedRoot(text), new Date('2026-11-25'))).toEqual([])
})
