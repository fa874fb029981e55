import { readFileSync } from 'node:fs'
import type { CertificateDetail } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { buildChain } from './build-chain.ts'
import type { ChainRequest } from './build-chain.ts'
import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { verifyIssuedBy } from './check-certificate.ts'
import { parseCertificate, parseCertificates } from './parse-certificate.ts'
import { der } from '@verify-images/testing/internal'
import { makeKeyPair } from '@verify-images/testing/internal'
import type { KeyPair } from '@verify-images/testing/internal'
import { commonName, generalName, makeCertificate } from '@verify-images/testing/internal'
import type { CertificateTemplate } from '@verify-images/testing/internal'

const NOW = new Date('2026-01-01T00:00:00Z')
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const SHA1_WITH_RSA = der.sequence(der.oid('1.2.840.113549.1.1.5'), der.null())

const keys = { root: makeKeyPair(), middle: makeKeyPair(), leaf: makeKeyPair() }
const authority: Partial<CertificateTemplate> = { ca: true, keyUsage: ['keyCertSign'] }
const signer: Partial<CertificateTemplate> = {
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: [CODE_SIGNING],
  subjectAltNames: [generalName.email('user@example.com')],
}

const make = (
  subject: string,
  key: KeyPair,
  issuer: readonly [string, KeyPair],
  template: Partial<CertificateTemplate>,
): Certificate =>
  parseCertificate(
    makeCertificate({ subject, issuer: { name: commonName(issuer[0]), key: issuer[1] }, ...template, key }).der,
  )

interface Overrides {
  readonly root?: Partial<CertificateTemplate>
  readonly middle?: Partial<CertificateTemplate>
  readonly leaf?: Partial<CertificateTemplate>
  readonly request?: Partial<ChainRequest>
}

/** Root → middle → leaf, all good unless told otherwise. */
function request({ root = {}, middle = {}, leaf = {}, request: rest = {} }: Overrides = {}): ChainRequest {
  return {
    leaf: make('leaf', keys.leaf, ['middle', keys.middle], { ...signer, ...leaf }),
    intermediates: [make('middle', keys.middle, ['root', keys.root], { ...authority, ...middle })],
    roots: [make('root', keys.root, ['root', keys.root], { ...authority, ...root })],
    at: NOW,
    usage: 'codeSigning',
    ...rest,
  }
}

const names = (input: ChainRequest): readonly string[] => buildChain(input).map(({ subject }) => subject.text)
const refusal = (input: ChainRequest): CertificateError | undefined => {
  try {
    buildChain(input)
    return undefined
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
}

test('builds a chain from the leaf to the root', () => {
  expect(names({ ...request(), acceptCaAsLeaf: undefined, acceptMissingExtendedKeyUsage: undefined })).toEqual(
    names(request()),
  )
  expect(names(request())).toEqual(['CN=leaf', 'CN=middle', 'CN=root'])
})

test('builds the chains of a real CA', () => {
  const read = (name: string): readonly [Certificate, ...Certificate[]] =>
    parseCertificates(
      readFileSync(new URL(`../../../conformance/corpus/registry/trust/${name}`, import.meta.url), 'utf8'),
    )
  for (const family of ['ec', 'rsa']) {
    const chain = {
      intermediates: read(`ca/${family}-chain.pem`),
      roots: read(`ca/${family}-root.pem`),
      at: NOW,
      usage: 'codeSigning',
    } as const
    expect(names({ leaf: read(`ca/${family}-leaf.pem`)[0], ...chain })).toHaveLength(3)
    expect(refusal({ leaf: read('ca/other-leaf.pem')[0], ...chain })?.code).toBe('CERTIFICATE_UNTRUSTED')
  }
  const expired = {
    leaf: read('ca/ec-expired-leaf.pem')[0],
    intermediates: read('ca/ec-chain.pem'),
    roots: read('ca/ec-root.pem'),
    usage: 'codeSigning',
  } as const
  expect(refusal({ ...expired, at: NOW })?.detail).toMatchObject({
    kind: 'certificate-validity',
    at: '2026-01-01T00:00:00.000Z',
    notAfter: '2022-01-01T00:00:00.000Z',
  })
  expect(names({ ...expired, at: expired.leaf.notBefore })).toHaveLength(3)
})

test('a leaf that is a root is a chain of one, still checked for usage and validity', () => {
  const good = request()
  const alone = { ...good, roots: [good.leaf], intermediates: [] }
  expect(names(alone)).toEqual(['CN=leaf'])
  expect(refusal({ ...alone, at: new Date('2060-01-01') })?.code).toBe('CERTIFICATE_EXPIRED')
  expect(refusal({ ...alone, usage: 'timeStamping' })?.code).toBe('CERTIFICATE_USAGE_MISMATCH')
  const { leaf } = request({ leaf: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] } })
  expect(refusal({ ...alone, leaf, roots: [leaf] })?.code).toBe('CERTIFICATE_USAGE_MISMATCH')
})

test('accepts a trust anchor that is not self-signed', () => {
  const good = request()
  expect(names({ ...good, roots: good.intermediates, intermediates: [] })).toEqual(['CN=leaf', 'CN=middle'])
})

test.each<[string, Overrides, string]>([
  ['no roots', { request: { roots: [] } }, 'CERTIFICATE_UNTRUSTED'],
  ['no intermediate', { request: { intermediates: [] } }, 'CERTIFICATE_UNTRUSTED'],
  [
    'a root with the name and another key',
    { request: { roots: [make('root', keys.leaf, ['root', keys.leaf], authority)] } },
    'CERTIFICATE_UNTRUSTED',
  ],
  [
    'an intermediate with the name and another key',
    { request: { intermediates: [make('middle', keys.leaf, ['root', keys.root], authority)] } },
    'CERTIFICATE_UNTRUSTED',
  ],
  ['an issuer without basic constraints', { middle: { ca: undefined } }, 'CERTIFICATE_NOT_A_CA'],
  ['an issuer with CA:FALSE', { middle: { ca: false } }, 'CERTIFICATE_NOT_A_CA'],
  ['an issuer without keyCertSign', { middle: { keyUsage: ['digitalSignature', 'cRLSign'] } }, 'CERTIFICATE_NOT_A_CA'],
  ['a root with CA:FALSE', { root: { ca: false } }, 'CERTIFICATE_NOT_A_CA'],
  ['a path length of 0 with one CA below', { root: { ca: { pathLength: 0 } } }, 'CERTIFICATE_PATH_LENGTH_EXCEEDED'],
  ['an expired leaf', { leaf: { notAfter: new Date('2025-12-31T23:59:59Z') } }, 'CERTIFICATE_EXPIRED'],
  ['a leaf from the future', { leaf: { notBefore: new Date('2026-01-01T00:00:01Z') } }, 'CERTIFICATE_EXPIRED'],
  ['an expired intermediate', { middle: { notAfter: new Date('2025-12-31') } }, 'CERTIFICATE_EXPIRED'],
  ['an expired root', { root: { notAfter: new Date('2025-12-31') } }, 'CERTIFICATE_EXPIRED'],
  [
    'a second time outside',
    { leaf: { notAfter: new Date('2026-06-01') }, request: { at: [NOW, new Date('2026-07-01')] } },
    'CERTIFICATE_EXPIRED',
  ],
  ['no time', { request: { at: [] } }, 'CERTIFICATE_OPTIONS_INVALID'],
  ['an invalid Date', { request: { at: new Date('yesterday') } }, 'CERTIFICATE_OPTIONS_INVALID'],
  // A leaf that names no usages would be good for it.
  [
    'an unknown usage',
    {
      leaf: { extendedKeyUsage: undefined },
      request: { usage: 'codesigning' as never, acceptMissingExtendedKeyUsage: true },
    },
    'CERTIFICATE_OPTIONS_INVALID',
  ],
  ['no usage', { request: { usage: undefined as never } }, 'CERTIFICATE_OPTIONS_INVALID'],
  [
    'a critical extension of the leaf',
    { leaf: { extensions: [{ oid: '1.2.3', critical: true, value: der.null() }] } },
    'CERTIFICATE_EXTENSION_UNHANDLED',
  ],
  [
    'a critical extension of the intermediate',
    { middle: { extensions: [{ oid: '1.2.3', critical: true, value: der.null() }] } },
    'CERTIFICATE_EXTENSION_UNHANDLED',
  ],
  [
    'a critical extension of the root',
    { root: { extensions: [{ oid: '1.2.3', critical: true, value: der.null() }] } },
    'CERTIFICATE_EXTENSION_UNHANDLED',
  ],
  ['a leaf that is an authority', { leaf: { ca: true } }, 'CERTIFICATE_USAGE_MISMATCH'],
  [
    'a leaf that may sign certificates',
    { leaf: { keyUsage: ['digitalSignature', 'keyCertSign'] } },
    'CERTIFICATE_USAGE_MISMATCH',
  ],
  ['a leaf whose key is not for signatures', { leaf: { keyUsage: ['keyEncipherment'] } }, 'CERTIFICATE_USAGE_MISMATCH'],
  ['a leaf without extended usage', { leaf: { extendedKeyUsage: undefined } }, 'CERTIFICATE_USAGE_MISMATCH'],
  ['a leaf for serverAuth', { leaf: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] } }, 'CERTIFICATE_USAGE_MISMATCH'],
  ['a leaf for timeStamping', { leaf: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.8'] } }, 'CERTIFICATE_USAGE_MISMATCH'],
  [
    'an intermediate limited to emailProtection',
    { middle: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.4'] } },
    'CERTIFICATE_USAGE_MISMATCH',
  ],
  [
    'a root limited to emailProtection',
    { root: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.4'] } },
    'CERTIFICATE_USAGE_MISMATCH',
  ],
  [
    'constraints over a kind of name that is not supported',
    {
      middle: {
        extensions: [{ ...constraints('permitted', generalName.directory(commonName('x'))), critical: false }],
      },
    },
    'CERTIFICATE_EXTENSION_UNHANDLED',
  ],
  [
    'a name outside of the permitted subtrees',
    { middle: { extensions: [constraints('permitted', generalName.email('corpus.test'))] } },
    'CERTIFICATE_NAME_NOT_PERMITTED',
  ],
  [
    "a name inside of the root's excluded subtrees",
    { root: { extensions: [constraints('excluded', generalName.email('example.com'))] } },
    'CERTIFICATE_NAME_NOT_PERMITTED',
  ],
])('rejects %s', (_name, overrides, code) => {
  expect(refusal(request(overrides))?.code).toBe(code)
})

test.each<[string, Overrides]>([
  ['path length as long as needed', { root: { ca: { pathLength: 1 } }, middle: { ca: { pathLength: 0 } } }],
  ['authorities without key usage', { root: { keyUsage: undefined }, middle: { keyUsage: undefined } }],
  ['a leaf without key usage', { leaf: { keyUsage: undefined } }],
  ['a leaf for contentCommitment', { leaf: { keyUsage: ['contentCommitment'] } }],
  ['codeSigning beside serverAuth', { leaf: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', CODE_SIGNING] } }],
  ['anyExtendedKeyUsage', { leaf: { extendedKeyUsage: ['2.5.29.37.0'] } }],
  ['an intermediate for codeSigning', { middle: { extendedKeyUsage: [CODE_SIGNING] } }],
  [
    'names inside of the permitted subtrees',
    { middle: { extensions: [constraints('permitted', generalName.email('example.com'))] } },
  ],
  ['the first second of validity', { leaf: { notBefore: NOW } }],
  ['the last second of validity', { leaf: { notAfter: NOW } }],
  [
    'a leaf without extended key usage, where that is accepted',
    { leaf: { extendedKeyUsage: undefined }, request: { acceptMissingExtendedKeyUsage: true } },
  ],
  [
    'a CA as leaf, where that is accepted',
    { leaf: { ca: true, keyUsage: ['digitalSignature', 'keyCertSign'] }, request: { acceptCaAsLeaf: true } },
  ],
  [
    'a CA as leaf, where any usage is accepted',
    { leaf: { ca: true, keyUsage: ['keyCertSign'] }, request: { usage: 'any' } },
  ],
])('accepts %s', (_name, overrides) => {
  expect(names(request(overrides))).toHaveLength(3)
})

test('requires timeStamping to be the only extended key usage of a TSA, and critical', () => {
  const stamping = { extendedKeyUsage: ['1.3.6.1.5.5.7.3.8'], extendedKeyUsageCritical: true }
  const asked = { request: { usage: 'timeStamping' } } as const
  expect(names(request({ leaf: stamping, ...asked }))).toHaveLength(3)
  expect(refusal(request({ leaf: { ...stamping, extendedKeyUsageCritical: false }, ...asked }))?.code).toBe(
    'CERTIFICATE_USAGE_MISMATCH',
  )
  expect(
    refusal(
      request({ leaf: { ...stamping, extendedKeyUsage: [...stamping.extendedKeyUsage, CODE_SIGNING] }, ...asked }),
    )?.code,
  ).toBe('CERTIFICATE_USAGE_MISMATCH')
  expect(refusal(request({ leaf: { ...stamping, extendedKeyUsage: ['2.5.29.37.0'] }, ...asked }))?.code).toBe(
    'CERTIFICATE_USAGE_MISMATCH',
  )
  expect(
    refusal(
      request({
        leaf: { extendedKeyUsage: undefined },
        request: { usage: 'timeStamping', acceptMissingExtendedKeyUsage: true },
      }),
    )?.code,
  ).toBe('CERTIFICATE_USAGE_MISMATCH')
})

test('rejects a leaf as issuer, even among the intermediates', () => {
  const good = request()
  const forged = make('forged', makeKeyPair(), ['leaf', keys.leaf], signer)
  expect(refusal({ ...good, leaf: forged, intermediates: [good.leaf, ...good.intermediates] })?.code).toBe(
    'CERTIFICATE_NOT_A_CA',
  )
})

test('does not trust a root that comes with the intermediates', () => {
  const other = makeKeyPair()
  const foreign = make('foreign', other, ['foreign', other], authority)
  expect(
    refusal({ ...request(), leaf: make('leaf', keys.leaf, ['foreign', other], signer), intermediates: [foreign] })
      ?.code,
  ).toBe('CERTIFICATE_UNTRUSTED')
})

test('finds the valid path among CAs of the same name', () => {
  const good = request()
  const decoys = Array.from({ length: 20 }, () => make('middle', makeKeyPair(), ['root', keys.root], authority))
  expect(names({ ...good, intermediates: [...decoys, ...good.intermediates] })).toHaveLength(3)
})

test('tries another path when the first breaks a rule', () => {
  const good = request()
  const expired = make('middle', keys.middle, ['root', keys.root], { ...authority, notAfter: new Date('2025-01-01') })
  expect(names({ ...good, intermediates: [expired, ...good.intermediates] })).toHaveLength(3)
})

test('accepts an old root with a SHA-1 self-signature as trust anchor, and nothing it signed with SHA-1', () => {
  const sha1 = { ...keys.root, algorithm: SHA1_WITH_RSA }
  const root = parseCertificate(makeCertificate({ subject: 'root', ...authority, key: sha1 }).der)
  expect(root.signatureAlgorithm).toBeUndefined()
  expect(names({ ...request(), roots: [root] })).toHaveLength(3)
  expect(() => verifyIssuedBy(root, root)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_ALGORITHM_REFUSED' }))
})

test('rejects a signature with an algorithm of another key type', () => {
  const good = request()
  const [middle] = good.intermediates
  if (!middle) throw new Error('fixture without intermediate')
  expect(() => verifyIssuedBy(good.leaf, middle)).not.toThrow()
  expect(() => verifyIssuedBy({ ...good.leaf, signatureAlgorithm: 'rsa-pkcs1-sha256' }, middle)).toThrow(
    expect.objectContaining({ code: 'CERTIFICATE_SIGNATURE_INVALID' }),
  )
  expect(() => verifyIssuedBy({ ...good.leaf, signatureAlgorithm: 'ecdsa-sha384' }, middle)).toThrow(
    expect.objectContaining({ code: 'CERTIFICATE_SIGNATURE_INVALID' }),
  )
})

test('ends quickly with 200 intermediates of one name and with cross-signed cycles', () => {
  const crowd = Array.from({ length: 200 }, () => {
    const key = makeKeyPair()
    return make('middle', key, ['middle', key], authority)
  })
  const a = makeKeyPair()
  const b = makeKeyPair()
  const cycle = [make('A', a, ['B', b], authority), make('B', b, ['A', a], authority)]
  const cycled = make('leaf', keys.leaf, ['A', a], signer)
  const good = request()

  let started = performance.now()
  expect(refusal({ ...good, intermediates: crowd })?.code).toBe('CERTIFICATE_LIMIT_EXCEEDED')
  expect(performance.now() - started).toBeLessThan(1000)
  started = performance.now()
  expect(refusal({ ...good, leaf: cycled, intermediates: cycle })?.code).toBe('CERTIFICATE_UNTRUSTED')
  expect(performance.now() - started).toBeLessThan(1000)
  expect(refusal({ ...good, intermediates: Array.from({ length: 501 }, () => cycled) })?.code).toBe(
    'CERTIFICATE_LIMIT_EXCEEDED',
  )
})

test('does not follow cycles, so reissued CAs do not use up the limit', () => {
  const reissued = Array.from({ length: 12 }, () => make('middle', keys.middle, ['middle', keys.middle], authority))
  const good = request()
  expect(refusal({ ...good, roots: [], intermediates: reissued })?.code).toBe('CERTIFICATE_UNTRUSTED')
  expect(names({ ...good, intermediates: [...reissued, ...good.intermediates] })).toHaveLength(3)
})

test('a lattice of cross-signed CAs costs no more than its limit', () => {
  // Three authorities in each of ten layers, each certified by all three of the next: 3¹⁰ ways, none of which is
  // trusted.
  const layers = Array.from({ length: 10 }, () => Array.from({ length: 3 }, () => makeKeyPair()))
  const intermediates = layers.flatMap((layer, i) =>
    layer.flatMap((key, j) =>
      (layers[i + 1] ?? []).map((parent, k) => make(`${i}.${j}`, key, [`${i + 1}.${k}`, parent], authority)),
    ),
  )
  const [first = keys.leaf] = layers[0] ?? []
  const started = performance.now()
  expect(refusal({ ...request(), leaf: make('leaf', keys.leaf, ['0.0', first], signer), intermediates })?.code).toMatch(
    /^CERTIFICATE_(?:LIMIT_EXCEEDED|UNTRUSTED)$/,
  )
  expect(performance.now() - started).toBeLessThan(500)
})

function constraints(
  list: 'permitted' | 'excluded',
  base: Uint8Array,
): { readonly oid: string; readonly critical: boolean; readonly value: Uint8Array } {
  return {
    oid: '2.5.29.30',
    critical: true,
    value: der.sequence(der.context(list === 'permitted' ? 0 : 1, 'constructed', der.sequence(base))),
  }
}

test.each<[string, Overrides, CertificateDetail]>([
  ['no issuer', { request: { roots: [], intermediates: [] } }, { kind: 'certificate-authority' }],
  [
    'an expired root',
    { root: { notAfter: new Date('2025-12-31') } },
    {
      kind: 'certificate-authority',
      candidate: {
        name: 'root',
        problem: 'certificate `CN=root` is not valid at 2026-01-01T00:00:00.000Z: expired at 2025-12-31T00:00:00.000Z',
        detail: {
          kind: 'certificate-validity',
          at: '2026-01-01T00:00:00.000Z',
          notBefore: '2020-01-01T00:00:00.000Z',
          notAfter: '2025-12-31T00:00:00.000Z',
        },
      },
    },
  ],
  [
    'another key under the name',
    { request: { intermediates: [make('middle', keys.leaf, ['root', keys.root], authority)] } },
    {
      kind: 'certificate-authority',
      candidate: {
        name: 'middle',
        problem: 'certificate `CN=leaf` is not signed by the key of certificate `CN=middle`',
        detail: { kind: 'certificate-signature', key: 'ec' },
      },
    },
  ],
  [
    'a missing extended key usage',
    { middle: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.4'] } },
    { kind: 'certificate-usage' },
  ],
])('gives the facts of a chain with %s', (_name, overrides, detail) => {
  expect(refusal(request(overrides))?.detail).toEqual(detail)
})
